/** A snapshot whose recorded value is another one, or gone. */
export interface SnapshotFate {
  readonly kind: 'rewritten' | 'removed';
  readonly name: string;
}

const entry = /^exports\[`((?:[^`\\]|\\[\s\S])*)`\]\s*=\s*`((?:[^`\\]|\\[\s\S])*)`;/gm;
const ambrEntry = /^# name: (.+)\n([\s\S]*?)(?=^# ---$)/gm;

/**
 * Compares the entries of two snapshot files (`.snap`, `.snapshot`, `.ambr`). A new entry is free, and so is a new way
 * of printing the same value (`Object {` became `{` in Jest 29).
 */
export function compareSnapshots(before: string, after: string): readonly SnapshotFate[] {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  const fates: SnapshotFate[] = [];
  for (const [name, value] of old) {
    const is = now.get(name);
    if (is === undefined) {
      if (![...now.values()].includes(value)) fates.push({ kind: 'removed', name });
    } else if (is !== value) fates.push({ kind: 'rewritten', name });
  }
  return fates;
}

function entriesOf(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const found of [...text.matchAll(entry), ...text.matchAll(ambrEntry)]) {
    entries.set(found[1] ?? '', normalValue(found[2] ?? ''));
  }
  return entries;
}

function normalValue(text: string): string {
  return text
    .replace(/\b(?:Object|Array) (?=[{[])/g, '')
    .replace(/\\+"/g, '"')
    .replace(/\s+/g, ' ')
    .trim();
}

/** True for a file that holds recorded snapshots. */
export function isSnapshotPath(path: string): boolean {
  return /\.(snap|snapshot|ambr|shot)$|(^|\/)__snapshots__\//.test(path);
}
