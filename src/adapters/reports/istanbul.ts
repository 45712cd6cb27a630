import istanbul from 'istanbul-lib-coverage';
import { z } from 'zod';
import type { CoverageReport } from '../../core/caws/gate/report.js';
import { type FileCoverage, coverageReportOf } from './file-coverage.js';
import { readJson } from './read-json.js';
import { unparseable } from './unparseable.js';

const hits = z.number().int().nonnegative();
const position = z.object({ line: z.number().int().positive().optional() });
const range = z.object({ start: position, end: position });
const fileSchema = z.object({
  path: z.string().min(1),
  statementMap: z.record(
    z.string(),
    z.object({ start: z.object({ line: z.number().int().positive() }), end: position }),
  ),
  fnMap: z.record(z.string(), z.unknown()),
  branchMap: z.record(
    z.string(),
    z.object({ loc: range.optional(), line: z.number().int().optional(), locations: z.array(range) }),
  ),
  s: z.record(z.string(), hits),
  f: z.record(z.string(), hits),
  b: z.record(z.string(), z.array(hits)),
});
const documentSchema = z.record(z.string(), fileSchema);

/**
 * Istanbul's coverage-final.json. Each statement, function and branch of the maps must have its counts, and the other
 * way round; an empty object is refused.
 * @throws REPORT_UNPARSEABLE
 */
export function parseIstanbul(text: string, root: string): CoverageReport {
  const document = readJson('istanbul', text, documentSchema);
  if (Object.keys(document).length === 0) throw unparseable('istanbul', 'it names no file');
  const files = Object.values(document).map((file): FileCoverage => {
    checkKeys(file.path, 'statement', file.statementMap, file.s);
    checkKeys(file.path, 'function', file.fnMap, file.f);
    checkKeys(file.path, 'branch', file.branchMap, file.b);
    return { path: file.path, lines: linesOf(file), branches: branchesOf(file) };
  });
  return coverageReportOf(files, root);
}

type IstanbulFile = z.infer<typeof fileSchema>;

function linesOf(file: IstanbulFile): FileCoverage['lines'] {
  const covered = istanbul.createFileCoverage(file as unknown as istanbul.FileCoverageData).getLineCoverage();
  return Object.entries(covered).map(([line, count]) => ({ line: Number(line), hits: count }));
}

function branchesOf(file: IstanbulFile): FileCoverage['branches'] {
  return Object.entries(file.branchMap).flatMap(([key, branch]) => {
    const counts = file.b[key] ?? [];
    if (counts.length !== branch.locations.length) {
      throw unparseable(
        'istanbul',
        `${file.path}: branch ${key} has ${branch.locations.length} ways and ${counts.length} counts`,
      );
    }
    const line = branch.loc?.start.line ?? branch.line ?? branch.locations[0]?.start.line ?? 1;
    return counts.map((taken) => ({ line, taken }));
  });
}

function checkKeys(path: string, what: string, map: object, counts: object): void {
  const missing = Object.keys(map).find((key) => !Object.hasOwn(counts, key));
  const surplus = Object.keys(counts).find((key) => !Object.hasOwn(map, key));
  if (missing !== undefined) throw unparseable('istanbul', `${path}: ${what} ${missing} has no count`);
  if (surplus !== undefined)
    throw unparseable('istanbul', `${path}: a count for ${what} ${surplus}, which is not mapped`);
}
