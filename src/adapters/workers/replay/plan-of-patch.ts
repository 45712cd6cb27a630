import type { PlanOfEdit } from '../../../core/caws/plea.js';

/**
 * The plan that a patch would have had: its files and their changed lines. A claim like any plan: what counts is
 * measured by git. The spec's id is for the caller to add.
 */
export function planOfPatch(patch: Uint8Array): Omit<PlanOfEdit, 'spec_id'> & { spec_id?: string } {
  const files: { path: string; lines: number }[] = [];
  let left = { old: 0, new: 0 };
  for (const line of Buffer.from(patch).toString('utf8').split('\n')) {
    if (left.old > 0 || left.new > 0) {
      const file = files.at(-1);
      if (file !== undefined && /^[-+]/.test(line)) file.lines += 1;
      left = leftAfter(left, line.charAt(0));
      continue;
    }
    const header = /^diff --git (.+)$/.exec(line)?.[1];
    if (header === undefined) left = hunkSize(line);
    else files.push({ path: pathOfHeader(header), lines: 0 });
  }
  return { version: 1, approach: 'as recorded', files, tests: [], risks: [] };
}

interface HunkSize {
  readonly old: number;
  readonly new: number;
}

function hunkSize(line: string): HunkSize {
  const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
  return hunk === null ? { old: 0, new: 0 } : { old: Number(hunk[1] ?? 1), new: Number(hunk[2] ?? 1) };
}

/** A line of context counts on both sides, "\\ No newline at end of file" on neither. */
function leftAfter(left: HunkSize, sign: string): HunkSize {
  if (sign === '\\') return left;
  return { old: left.old - (sign === '+' ? 0 : 1), new: left.new - (sign === '-' ? 0 : 1) };
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
