import type { RedactedText } from '../../core/learning/matter.js';
import type { Redactor } from '../../ports/redactor.js';
import { ownRules } from './own-rules.js';
import { type Scanner, type Stretch, loadScanners } from './scanners.js';

const keptTexts = 512;
/** Shorter ones may well be words. */
const shortestSpread = 6;

/**
 * Looks through texts by our own rules, secretlint and openredaction, each on the text as it came. What one of them cannot
 * look through is not stored. The packages are loaded with the first text; the last texts are remembered by what came out.
 */
export function createRedactor(load: () => Promise<readonly Scanner[]> = loadScanners): Redactor {
  let scanners: Promise<readonly Scanner[]> | null = null;
  const known = new Map<string, RedactedText>();
  return {
    async redact(text) {
      const before = known.get(text);
      if (before !== undefined) return before;
      let found: RedactedText;
      try {
        scanners ??= load();
        const lists = await Promise.all((await scanners).map((scan) => scan(text)));
        found = cutOut(text, spread(text, [...findOwn(text), ...lists.flat()]));
      } catch {
        // INVARIANT: nothing is stored that nobody has looked at.
        scanners = null;
        return { text: '', removed: { unreadable: 1 } };
      }
      known.set(text, found);
      const [oldest] = known.keys();
      if (known.size > keptTexts && oldest !== undefined) known.delete(oldest);
      return found;
    },
  };
}

function findOwn(text: string): readonly Stretch[] {
  return ownRules.flatMap(({ kind, pattern, holds }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const secret = match.groups?.['secret'] ?? match[0];
      if (holds?.(secret) === false) return [];
      const from = match.index + match[0].indexOf(secret);
      return [{ kind, from, to: from + secret.length }];
    }),
  );
}

/** What is a secret in one place is one everywhere in the text. */
function spread(text: string, found: readonly Stretch[]): readonly Stretch[] {
  return found.flatMap((stretch) => {
    const value = text.slice(stretch.from, stretch.to);
    if (value.length < shortestSpread) return [stretch];
    const all: Stretch[] = [];
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
      all.push({ kind: stretch.kind, from: at, to: at + value.length });
    }
    return all;
  });
}

/** Stretches that touch go as one, under the name of the one that begins first, the longest of several. */
export function cutOut(text: string, stretches: readonly Stretch[]): RedactedText {
  const sorted = stretches
    .filter(({ from, to }) => from >= 0 && to > from && to <= text.length)
    .toSorted((a, b) => a.from - b.from || b.to - a.to);
  const joined: { kind: string; from: number; to: number }[] = [];
  for (const stretch of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && stretch.from < last.to) last.to = Math.max(last.to, stretch.to);
    else joined.push({ ...stretch });
  }
  const removed: Record<string, number> = {};
  let left = '';
  let at = 0;
  for (const { kind, from, to } of joined) {
    left += `${text.slice(at, from)}[${kind}]`;
    at = to;
    removed[kind] = (removed[kind] ?? 0) + 1;
  }
  return { text: left + text.slice(at), removed };
}
