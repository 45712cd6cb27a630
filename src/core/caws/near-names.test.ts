import { describe, expect, it } from 'vitest';
import { nearNames } from './near-names.js';

describe('nearNames', () => {
  const names = ['FEAT-001', 'FEAT-010', 'FIX-011', 'DOCS-200'];
  it.each([
    ['feat-001', ['FEAT-001', 'FEAT-010']],
    ['FEAT-01', ['FEAT-001', 'FEAT-010']],
    ['FIX-01', ['FIX-011']],
    ['200', ['DOCS-200']],
    ['QQQQQQ', []],
    ['', []],
  ])('%s', (wanted, near) => {
    expect(nearNames(wanted, names)).toEqual(near);
  });

  it('names at most as many as asked for', () => {
    expect(nearNames('FEAT-001', names, 1)).toEqual(['FEAT-001']);
  });
});
