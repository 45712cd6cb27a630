/**
 * The names nearest to one that was not found, at most `most`, nearest first: those that differ by letter case or by
 * few edits, or contain it. None near gives an empty list.
 */
export function nearNames(wanted: string, names: readonly string[], most = 3): string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name) => ({ name, far: holds(name, lower) ? 1 : distanceOf(lower, name.toLowerCase()) }))
    .filter(({ far }) => far <= Math.max(2, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

function holds(name: string, lower: string): boolean {
  return lower !== '' && name.toLowerCase() !== lower && name.toLowerCase().includes(lower);
}

/** Edits (insert, delete, replace) from one text to the other. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
