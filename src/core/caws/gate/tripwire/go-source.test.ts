import { describe, expect, it } from 'vitest';
import { goAddition, goPackageOf, hasBuildConstraint } from './go-source.js';

describe('goPackageOf', () => {
  it.each([
    ['package sum\n', 'sum'],
    ['// package no\n/* package\nneither **/\n\npackage sum_test // import "x"\n', 'sum_test'],
    ['\uFEFF//go:build linux\n\npackage /* here */ größe\n', 'größe'],
    ['package main; import "testing"\n', 'main'],
  ])('reads %j', (text, name) => expect(goPackageOf(text)).toBe(name));

  it.each(['', 'import "testing"\n', '/* package sum\n', 'packagesum\n'])('finds none in %j', (text) =>
    expect(goPackageOf(text)).toBeNull(),
  );
});

describe('hasBuildConstraint', () => {
  it.each(['//go:build integration\n\npackage a\n', '// +build linux\n\npackage a\n'])('sees %j', (text) =>
    expect(hasBuildConstraint(text)).toBe(true),
  );
  it('looks above the package clause only', () =>
    expect(hasBuildConstraint('package a\n\n//go:build linux\n')).toBe(false));
});

describe('goAddition', () => {
  const tests = [{ title: 'TestBa', nonce: 'ff', way: 'throw' }] as const;

  it('keeps every line at its number', () => {
    const text = '// Sums.\npackage sum // here\n\nimport "testing"\n';
    const lines = goAddition(text, tests, 'bo')?.split('\n') ?? [];
    expect(lines.slice(0, 4)).toEqual(['// Sums.', 'package sum; import bo "testing" // here', '', 'import "testing"']);
    expect(lines.join('\n')).toContain('func TestBa(t *bo.T) {\n\tt.Fatal("ff planted")\n}');
  });

  it('is null for a text that is no Go file', () => expect(goAddition('no', tests, 'bo')).toBeNull());
});
