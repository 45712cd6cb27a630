import { describe, expect, it } from 'vitest';
import { createSyntax, maxSourceLength } from './create-syntax.js';

const syntax = createSyntax();
const facts = (text: string, path = 'test/a.test.ts') => syntax.extract(path, text);

describe('createSyntax', () => {
  it('covers the endings of its languages', () => {
    const covered = ['a.js', 'a.jsx', 'a.ts', 'a.tsx', 'a.mjs', 'a.cjs', 'a.mts', 'a.cts', 'a.py'];
    expect(covered.every((path) => syntax.covers(path))).toBe(true);
    expect(['a.go', 'Makefile', 'a.json', 'js', 'constructor'].some((path) => syntax.covers(path))).toBe(false);
  });

  it('says where the source is broken and still gives the rest', () => {
    const broken = facts('it("a", () => { expect(1).toBe(1); });\nlet = = ;\n');
    expect(broken.errorLines).toContain(2);
    expect(broken.tests.map((test) => test.title)).toEqual(['a']);
    expect(facts('def test_a():\n  assert 1 ==\n', 'a.py').errorLines.length).toBeGreaterThan(0);
  });

  it('gives nothing but a mark for a text over the cap', () => {
    const large = facts(`it("a", () => {});\n${'x;'.repeat(maxSourceLength / 2)}`);
    expect(large.errorLines).toEqual([1]);
    expect(large.tests).toEqual([]);
  });

  it('reads a text once, and another language or text anew', () => {
    const text = 'it("a", () => { expect(1).toBe(1); });\n';
    const first = facts(text);
    expect(facts(text, 'other.test.ts')).toBe(first);
    expect(Object.isFrozen(first.tests[0])).toBe(true);
    expect(facts(text, 'a.test.js')).toMatchObject({ language: 'javascript', tests: [{ title: 'a' }] });
    expect(facts(text.replace('"a"', '"b"')).tests.map(({ title }) => title)).toEqual(['b']);
  });

  it('forgets the text that was asked for longest ago', () => {
    const of = (index: number) => facts(`it("${index}", () => {});\n`);
    const first = of(0);
    for (let index = 1; index < 200; index += 1) of(index);
    expect(of(199)).toBe(of(199));
    expect(of(0)).not.toBe(first);
    expect(of(0)).toEqual(first);
  });

  it.each([
    ['a.js', '('.repeat(100_000)],
    ['a.js', 'if(a){'.repeat(5000)],
    ['a.js', 'f('.repeat(15_000)],
    ['a.js', 'f('.repeat(100_000)],
    ['a.js', `${'f('.repeat(50_000)}${')'.repeat(50_000)}`],
    ['a.js', `a${'.b()'.repeat(50_000)}`],
    ['a.js', `expect(a)${'.b()'.repeat(20_000)}`],
    ['a.js', `describe${'()'.repeat(50_000)}`],
    ['a.js', '['.repeat(100_000)],
    ['a.js', 'if(a){'.repeat(30_000)],
    ['a.js', `x = ${'a ? '.repeat(30_000)}`],
    ['a.js', `${'a && '.repeat(20_000)}${'b() && '.repeat(20_000)}c()`],
    ['a.js', `f(${'{a: g()},'.repeat(30_000)})`],
    ['a.js', `x ? [${'f(), '.repeat(30_000)}] : 1`],
    ['a.js', '`${'.repeat(30_000)],
    ['a.py', 'f('.repeat(60_000)],
    ['a.py', `assert ${'('.repeat(60_000)}`],
    ['a.py', `assert ${'a and '.repeat(20_000)} b`],
    ['a.py', `x = [${'f(1), '.repeat(30_000)}]`],
    ['a.py', `${'if a: '.repeat(20_000)}`],
  ])('reads deep or long text of %s to its end, case %#', (path, text) => {
    expect(() => facts(text, path)).not.toThrow();
  });
});

describe('JavaScript names', () => {
  it.each([
    ['process.exit(0)', 'process.exit'],
    ['process["ex" + `it`](0)', 'process.exit'],
    ['const k = "exit"; process[k](0)', 'process.exit'],
    ['const { exit: bye } = process; bye(0)', 'process.exit'],
    ['import { exit } from "node:process"; exit(0)', 'process.exit'],
    ['import p from "process"; p.exit(0)', 'process.exit'],
    ['require("process").exit(0)', 'process.exit'],
    ['const q = require("node:process"); q.exit(0)', 'process.exit'],
    ['const q = await import("node:process"); q.default.exit(0)', 'process.exit'],
    ['process.getBuiltinModule("process").exit(0)', 'process.exit'],
    ['globalThis.process.exit(0)', 'process.exit'],
    ['(0, process.exit)(0)', 'process.exit'],
    ['process.exit.call(null, 0)', 'process.exit'],
    ['process?.exit?.(0)', 'process.exit'],
    ['process[["ex", "it"].join("")](0)', 'process.exit'],
    ['(process as any).exit(0)', 'process.exit'],
    ['process[name()](0)', 'process[name()]'],
    ['import assert from "node:assert/strict"; assert.equal(1, 1)', 'assert.strict.equal'],
    ['import { equal as same } from "node:assert"; same(1, 1)', 'assert.equal'],
    ['import { it as spec } from "vitest"; spec.only("a", f)', 'it.only'],
    ['import test from "node:test"; test.describe("a", f)', 'describe'],
  ])('reads %s as %s', (text, callee) => {
    expect(facts(text).calls.map((call) => call.callee)).toContain(callee);
  });
});

describe('JavaScript tests', () => {
  const only = (text: string) => facts(text).tests.at(-1);

  it.each([
    ['it("a", () => { expect(1).toBe(1) })', []],
    ['it.skip("a", () => { x() })', ['skip']],
    ['it["sk" + "ip"]("a", () => { x() })', ['skip']],
    ['const later = it.skip; later("a", () => { x() })', ['skip']],
    ['const { skip } = it; skip("a", () => { x() })', ['skip']],
    ['xit("a", () => { x() })', ['skip']],
    ['fit("a", () => { x() })', ['only']],
    ['it.only.each([1])("a", () => { x() })', ['only']],
    ['it.todo("a")', ['todo']],
    ['it("a")', ['todo']],
    ['it.fails("a", () => { x() })', ['fails']],
    ['test("a", { skip: true }, () => { x() })', ['skip']],
    ['test("a", { skip: "later" }, () => { x() })', ['skip']],
    ['test("a", { skip: false }, () => { x() })', []],
    ['test("a", { skip: onMac }, () => { x() })', ['skipif']],
    ['it.skipIf(true)("a", () => { x() })', ['skip']],
    ['it.runIf(false)("a", () => { x() })', ['skip']],
    ['it.runIf(onMac)("a", () => { x() })', ['skipif']],
    ['test("a", (t) => { t.skip(); x() })', ['skip']],
    ['it("a", function () { this.skip(); x() })', ['skip']],
    ['it("a", () => { return; expect(1).toBe(1) })', ['early-return']],
    ['it("a", () => { if (true) return; expect(1).toBe(1) })', ['early-return']],
    ['it("a", () => { if (onMac) return; expect(1).toBe(1) })', ['skipif']],
    ['it("a", () => { return expect(f()).resolves.toBe(1) })', []],
    ['if (false) it("a", () => { x() })', ['unreachable']],
    ['if (onMac) { it("a", () => { x() }) }', ['skipif']],
    ['false && it("a", () => { x() })', ['unreachable']],
    ['function later() { it("a", () => { x() }) }', ['never-called']],
    ['function now() { it("a", () => { x() }) }\nnow()', []],
    ['(onMac ? it : it.skip)("a", () => { x() })', ['skipif']],
    ['describe("s", () => { return; it("a", () => { x() }) })', ['unreachable']],
  ])('reads %s with modifiers %j', (text, modifiers) => {
    expect(only(text)?.modifiers).toEqual(modifiers);
  });

  it('nests suites and subtests, and names them', () => {
    const { tests } = facts('describe("a", () => { test("b", (t) => { t.test("c", () => { x() }) }) })');
    expect(tests.map((test) => [test.kind, test.path, test.title])).toEqual([
      ['suite', [], 'a'],
      ['test', ['a'], 'b'],
      ['test', ['a', 'b'], 'c'],
    ]);
  });

  it('counts rows of tables, loops and constants', () => {
    expect(only('it.each([[1, 2], [3, 4]])("a %i", (a) => { x() })')).toMatchObject({ rows: 2, parametrised: true });
    expect(only('const rows = [1, 2, 3];\nit.each(rows)("a", () => { x() })')?.rows).toBe(3);
    expect(only('it.each([])("a", () => { x() })')?.rows).toBe(0);
    expect(only('for (const a of [1, 2]) { it(`a ${a}`, () => { x() }) }')?.rows).toBe(2);
    expect(only('[1, 2, 3].forEach((a) => it(`a ${a}`, () => { x() }))')?.rows).toBe(3);
    expect(only('it.each`a|b\n${1}|${2}\n`("a", () => { x() })')?.rows).toBe(1);
    expect(only('it.each(load())("a", () => { x() })')).toMatchObject({ rows: null, parametrised: true });
  });
});

describe('JavaScript assertions', () => {
  const first = (text: string) => facts(`it("a", async (t) => { ${text} })`).assertions[0];

  it.each([
    ['expect(f(1)).toBe(2)', 'expect().toBe', 'f(1)', ['2']],
    ['expect(f( 1 )).not.toEqual({ "a": 1, })', 'expect().toEqual', 'f(1)', ['{a: 1}']],
    ['expect(x).to.equal(2)', 'expect().equal', 'x', ['2']],
    ['expect(x).to.be.true', 'expect().be.true', 'x', []],
    ['x.should.equal(2)', 'should.equal', 'x', ['2']],
    ['assert.equal(f(), 2, "why")', 'assert.equal', 'f()', ['2']],
    ['assert(f())', 'assert', 'f()', []],
    ['t.assert.strictEqual(f(), 2)', 'assert.strictEqual', 'f()', ['2']],
    ['t.is(f(), 2)', 't.is', 'f()', ['2']],
    ['request(app).get("/").expect(200)', '.expect', 'request(app).get("/")', ['200']],
    ['assertValid(f(), 2)', 'assertValid', 'f()', ['2']],
  ])('reads %s', (text, form, subject, expected) => {
    expect(first(text)).toMatchObject({ form, subject, expected, guard: null, test: 0 });
  });

  it.each([
    ['if (a) { expect(1).toBe(1) }', 'branch'],
    ['a && expect(1).toBe(1)', 'branch'],
    ['try { expect(1).toBe(1) } catch {}', 'try'],
    ['try { expect(1).toBe(1) } catch (e) { throw e }', null],
    ['try { f() } catch (e) { expect(e).toBe(1) }', 'catch'],
    ['const later = () => { expect(1).toBe(1) }', 'never-called'],
    ['for (const a of []) { expect(a).toBe(1) }', 'empty-loop'],
    ['[].forEach((a) => expect(a).toBe(1))', 'empty-loop'],
    ['setTimeout(() => expect(1).toBe(1), 9)', 'timer'],
    ['return; expect(1).toBe(1)', 'after-return'],
    ['if (a) return; expect(1).toBe(1)', 'maybe-return'],
    ['if (!a) throw new Error("no"); expect(1).toBe(1)', null],
    ['if (false) { expect(1).toBe(1) }', 'unreachable'],
  ])('sees the guard of %s: %s', (text, guard) => {
    expect(first(text)?.guard).toBe(guard);
  });

  it.each([
    ['await expect(f()).rejects.toThrow()', true],
    ['return expect(f()).rejects.toThrow()', true],
    ['await Promise.all([expect(f()).rejects.toThrow()])', true],
    ['const p = expect(f()).rejects.toThrow(); await p', true],
    ['expect(f()).rejects.toThrow()', false],
    ['void assert.rejects(f())', false],
  ])('knows whether somebody waits for %s: %s', (text, awaited) => {
    expect(first(text)).toMatchObject({ promised: true, awaited });
  });
});

describe('normal form', () => {
  it('is the same for reformatted code', () => {
    const one = facts("it('a', (x) => { expect(f(x, {a: 1, \"b\": [1,2]})).toEqual('it\\'s'); });");
    const other = facts(
      'it("a", x => {\n  expect(\n    f(x, {\n      a: 1, // one\n      b: [1, 2],\n    }),\n  ).toEqual("it\'s")\n})',
    );
    const strip = (text: string) => text.replace(/"(line|endLine)":\d+/g, '');
    expect(strip(JSON.stringify({ ...one, comments: [] }))).toBe(strip(JSON.stringify({ ...other, comments: [] })));
  });
});
