import { lcovParser } from '@friedemannsommer/lcov-parser/sync';
import type { CoverageReport } from '../../core/caws/gate/report.js';
import { type FileCoverage, coverageReportOf } from './file-coverage.js';
import { unparseable } from './unparseable.js';

const hits = String.raw`\d{1,15}`;
// The grammar of geninfo(1), version 1 and 2; the parser behind takes any text, so the text is checked before it.
const records: readonly RegExp[] = [
  /^$/,
  /^#/,
  /^TN:/,
  /^VER:/,
  /^SF:.+$/,
  new RegExp(`^DA:(\\d{1,9}),(${hits})(,.*)?$`),
  new RegExp(`^BRDA:\\d{1,9},e?\\d{1,9},[^,]+,(-|${hits})$`),
  /^(LF|LH|BRF|BRH|FNF|FNH|MCF|MCH):\d{1,9}$/,
  /^FN:\d{1,9},.+$/,
  new RegExp(`^FNDA:${hits},.*$`),
  /^FN[LA]:\d+,.*$/,
  /^MCDC:.*$/,
  /^end_of_record$/,
];

// What may stand outside a section.
const freeRecord = /^(#|TN:|VER:|$)/;

/**
 * lcov tracefiles of node:test, c8, istanbul, coverage.py and geninfo. Every line must be a record of the format,
 * every section must end, and the totals LF and BRF must agree with what is listed.
 * @throws REPORT_UNPARSEABLE with the line
 */
export function parseLcov(text: string, root: string): CoverageReport {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  checkLines(lines);
  const sections = lcovParser({ from: lines.join('\n') });
  const files = sections.map((section): FileCoverage => ({
    path: section.path,
    lines: section.lines.details.map(({ line, hit }) => ({ line, hits: hit })),
    branches: section.branches.details.map(({ line, hit }) => ({ line, taken: hit })),
  }));
  return coverageReportOf(files, root);
}

interface Section {
  readonly start: number;
  readonly lines: Set<string>;
  branches: number;
}

function checkLines(lines: readonly string[]): void {
  let section: Section | null = null;
  let sections = 0;
  for (const [index, line] of lines.entries()) {
    const problem = problemOf(line, section);
    if (problem !== null) throw unparseable('lcov', problem, { line: index + 1, column: 1 });
    if (line.startsWith('SF:')) {
      section = { start: index + 1, lines: new Set(), branches: 0 };
      sections += 1;
    }
    if (line === 'end_of_record') section = null;
    if (section !== null) countRecord(line, section);
  }
  if (section !== null)
    throw unparseable('lcov', 'it is cut off: its last section does not end', { line: section.start });
  if (sections === 0) throw unparseable('lcov', 'it has no section (SF:)', { line: 1, column: 1 });
}

function problemOf(line: string, section: Section | null): string | null {
  if (!records.some((record) => record.test(line))) return `"${line.slice(0, 60)}" is no record of the format`;
  if (line.startsWith('SF:')) return section === null ? null : 'a section starts inside another';
  if (section !== null) return totalProblem(line, section);
  return freeRecord.test(line) ? null : 'a record stands outside a section';
}

function totalProblem(line: string, section: Section): string | null {
  const [kind = '', total = ''] = line.split(':', 2);
  const listed = kind === 'LF' ? section.lines.size : kind === 'BRF' ? section.branches : null;
  return listed === null || Number(total) === listed ? null : `${kind} says ${total}, and the section lists ${listed}`;
}

function countRecord(line: string, section: Section): void {
  if (line.startsWith('DA:')) section.lines.add(line.slice('DA:'.length).split(',', 1)[0] ?? '');
  if (line.startsWith('BRDA:')) section.branches += 1;
}
