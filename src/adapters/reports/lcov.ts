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
    const refuse = (problem: string): never => {
      throw unparseable('lcov', problem, { line: index + 1, column: 1 });
    };
    if (!records.some((record) => record.test(line))) refuse(`"${line.slice(0, 60)}" is no record of the format`);
    if (line.startsWith('SF:')) {
      if (section !== null) refuse('a section starts inside another');
      section = { start: index + 1, lines: new Set(), branches: 0 };
      sections += 1;
    } else if (line === 'end_of_record') {
      if (section === null) refuse('a section ends that did not start');
      section = null;
    } else if (/^(DA|BRDA|FN|FNDA|LF|LH|BRF|BRH|FNF|FNH):/.test(line)) {
      if (section === null) refuse('a record stands outside a section');
      else countRecord(line, section, refuse);
    }
  }
  if (section !== null)
    throw unparseable('lcov', 'it is cut off: the last section does not end', { line: section.start });
  if (sections === 0) throw unparseable('lcov', 'it has no section (SF:)', { line: 1, column: 1 });
}

function countRecord(line: string, section: Section, refuse: (problem: string) => never): void {
  const [kind = '', rest = ''] = line.split(':', 2);
  if (kind === 'DA') section.lines.add(rest.split(',', 1)[0] ?? '');
  if (kind === 'BRDA') section.branches += 1;
  if (kind === 'LF' && Number(rest) !== section.lines.size) {
    refuse(`LF says ${rest} lines, the section lists ${section.lines.size}`);
  }
  if (kind === 'BRF' && Number(rest) !== section.branches) {
    refuse(`BRF says ${rest} branches, the section lists ${section.branches}`);
  }
}
