import type { PlanOfEdit } from '../../../core/caws/plea.js';

/**
 * The plan that a patch would have had: its files and their changed lines. A claim like any plan: what counts is
 * measured by git. The spec's id is for the caller to add.
 */
export function planOfPatch(patch: Uint8Array): Omit<PlanOfEdit, 'spec_id'> & { spec_id?: string } {
  const files: { path: string; lines: number }[] = [];
  let left = { old: 0, new: 0 };
  for (const line of Buffer.from(patch).toString('utf8').split('\n')) {
    const header = /^diff --git (.+)$/.exec(line)?.[1];
    const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
    if (left.old <= 0 && left.new <= 0) {
      if (header !== undefined) files.push({ path: pathOfHeader(header), lines: 0 });
      else if (hunk !== null) left = { old: Number(hunk[1] ?? 1), new: Number(hunk[2] ?? 1) };
      continue;
    }
    const sign = line.charAt(0);
    // a line of context counts on both sides, "\\ No newline at end of file" on neither
    left = {
      old: left.old - (sign === '+' || sign === '\\' ? 0 : 1),
      new: left.new - (sign === '-' || sign === '\\' ? 0 : 1),
    };
    const file = files.at(-1);
    if (file !== undefined && (sign === '+' || sign === '-')) file.lines += 1;
  }
  return { version: 1, approach: 'as recorded', files, tests: [], risks: [] };
}

/** `a/x b/x`, both the same but for a rename; quoted by git where a name has odd bytes. */
function pathOfHeader(header: string): string {
  const quoted = /"b\/((?:[^"\\]|\\.)*)"$/.exec(header)?.[1];
  if (quoted !== undefined) return unquote(quoted);
  const half = header.slice(0, (header.length - 1) / 2);
  return header === `${half} b${half.slice(1)}` ? half.slice(2) : header.slice(header.lastIndexOf(' b/') + 3);
}

function unquote(text: string): string {
  const named: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
  const bytes = [...text.matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)].flatMap(([, octal, letter, plain]) => {
    if (octal !== undefined) return [Number.parseInt(octal, 8)];
    if (letter !== undefined) return [named[letter] ?? letter.charCodeAt(0)];
    return [...Buffer.from(plain ?? '')];
  });
  return Buffer.from(bytes).toString('utf8');
}
