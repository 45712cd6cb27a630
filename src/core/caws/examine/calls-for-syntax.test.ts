import { describe, expect, it } from 'vitest';
import type { ChangedFile } from '../change.js';
import { callsForSyntax, largeChangeFiles } from './calls-for-syntax.js';

const file = (status: ChangedFile['status'], path: string): ChangedFile => ({
  status,
  oldPath: status === 'A' ? null : path,
  newPath: status === 'D' ? null : path,
  added: 1,
  removed: 0,
  binary: false,
  oldMode: null,
  newMode: '100644',
  oldBlob: null,
  newBlob: null,
  longLineSurplus: 0,
});
const calls = (status: ChangedFile['status'], path: string, newText: string, mode: 'fix' | 'refactor' = 'fix') =>
  callsForSyntax({ file: file(status, path), oldText: null, newText, addedLines: [], removedLines: [] }, mode);

describe('callsForSyntax', () => {
  it.each([
    'process.exit(0)',
    'process["ex" + "it"](0)',
    'try { go() } catch {}',
    'except Exception:',
    'valueOf() { return true }',
    'def __eq__(self, other):',
    'if (input === 42) return 7;',
    'switch (x) { case "a": return 1 }',
    'calls++;',
    'import os',
    'raise NotImplementedError',
    'new Proxy({}, {})',
    'module.\\u0065xit',
  ])('parses a new file that says %j', (text) => expect(calls('A', 'src/a.js', text)).toBe(true));

  it('leaves plain new code to its lines', () =>
    expect(calls('A', 'src/a.js', 'export function f(x) {\n  if (x > 2) return x + 1;\n  return x;\n}\n')).toBe(false));

  it('always parses tests, files that were there, and everything in a refactoring', () => {
    expect(calls('A', 'test/a.js', '')).toBe(true);
    expect(calls('M', 'src/a.js', '')).toBe(true);
    expect(calls('A', 'src/a.js', '', 'refactor')).toBe(true);
    expect(calls('R', 'src/a.js', '')).toBe(false);
    expect(calls('R', 'test/a.test.js', '')).toBe(true);
  });

  it('parses product files of a huge change only for what their changed lines tell', () => {
    const huge = (text: string): boolean =>
      callsForSyntax(
        { file: file('M', 'src/a.js'), oldText: 'x', newText: 'y', addedLines: [{ line: 1, text }], removedLines: [] },
        'fix',
        largeChangeFiles + 1,
      );
    expect(huge('process.exit(0);')).toBe(true);
    expect(huge('export const plain = 1;')).toBe(false);
  });
});
