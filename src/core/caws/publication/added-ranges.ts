/** Lines of one file as a commit holds it, from 1, both ends included. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** A file of a landed change, and the lines of it that the change added. */
export interface AddedLines {
  readonly path: string;
  readonly ranges: readonly LineRange[];
}

/** Line numbers as ranges: sorted, each line once, neighbours joined; no lines give no range. */
export function rangesOf(lines: Iterable<number>): LineRange[] {
  const ranges: { from: number; to: number }[] = [];
  for (const line of [...new Set(lines)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to + 1 === line) last.to = line;
    else ranges.push({ from: line, to: line });
  }
  return ranges;
}
