import type { CoverageReport } from '../../core/caws/gate/report.js';
import { repositoryPath } from './report-path.js';

/** Coverage of one file as a format gives it. */
export interface FileCoverage {
  readonly path: string;
  readonly lines: readonly { readonly line: number; readonly hits: number }[];
  readonly branches: readonly { readonly line: number; readonly taken: number }[];
}

/**
 * Files by path relative to the root, sorted; files outside the repository are left out. A line named twice keeps its
 * lower count, and branches of a file named twice are all kept: what is doubtful counts as less covered.
 */
export function coverageReportOf(files: readonly FileCoverage[], root: string): CoverageReport {
  const merged = new Map<string, { lines: Map<number, number>; branches: FileCoverage['branches'][number][] }>();
  for (const file of files) {
    const path = repositoryPath(file.path, root);
    if (path === null) continue;
    const entry = merged.get(path) ?? { lines: new Map<number, number>(), branches: [] };
    for (const { line, hits } of file.lines) {
      entry.lines.set(line, Math.min(hits, entry.lines.get(line) ?? Number.POSITIVE_INFINITY));
    }
    for (const branch of file.branches) entry.branches.push(branch);
    merged.set(path, entry);
  }
  return {
    files: [...merged]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([path, { lines, branches }]) => ({ path, lines, branches })),
  };
}
