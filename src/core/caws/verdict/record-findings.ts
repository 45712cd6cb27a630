import type { NeededWaiver, RecordedFinding } from './verdict.js';

const maxFindings = 1000;
const maxTextLength = 512 * 1024;
const maxPaths = 50;

/**
 * As many findings as a verdict holds: 1,000 or half a megabyte of text, whichever comes first, since `verdict.yaml`
 * must stay readable by a strict reader. Those that come first are kept, so the gravest are; the rest is counted.
 */
export function capFindings(findings: readonly RecordedFinding[]): {
  readonly kept: readonly RecordedFinding[];
  readonly omitted: number;
} {
  let length = 0;
  let kept = 0;
  for (const finding of findings) {
    length += JSON.stringify(finding).length;
    if (kept === maxFindings || (kept > 0 && length > maxTextLength)) break;
    kept += 1;
  }
  return { kept: findings.slice(0, kept), omitted: findings.length - kept };
}

/** The first 50 paths of each needed waiver, and how many more there are. */
export function capPaths(needed: readonly Omit<NeededWaiver, 'paths_omitted'>[]): NeededWaiver[] {
  return needed.map((waiver) => ({
    ...waiver,
    paths: waiver.paths.slice(0, maxPaths),
    paths_omitted: Math.max(0, waiver.paths.length - maxPaths),
  }));
}

/**
 * The same value with every text valid Unicode: a path's byte that is not UTF-8 (PEP 383's U+DCNN) is written `\xNN`,
 * any other half of a surrogate pair `\uNNNN`. The content digest binds the real bytes.
 */
export function withUnicodeTexts<Value>(value: Value): Value {
  return mapTexts(value) as Value;
}

function mapTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\p{Surrogate}/gu, escapeSurrogate);
  if (Array.isArray(value)) return value.map(mapTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item)]));
}

function escapeSurrogate(half: string): string {
  const code = half.charCodeAt(0);
  return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code - 0xdc00).toString(16)}` : `\\u${code.toString(16)}`;
}
