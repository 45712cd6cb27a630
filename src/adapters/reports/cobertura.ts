import type { CoverageReport } from '../../core/caws/gate/report.js';
import { type FileCoverage, coverageReportOf } from './file-coverage.js';
import { type XmlElement, readXml } from './read-xml.js';
import { repositoryPath } from './report-path.js';
import { unparseable } from './unparseable.js';

/**
 * Cobertura XML as istanbul, coverage.py and gcovr write it. A class's `filename` is relative to the `<source>`; with
 * several sources below the root no file can be placed, and the report is refused. The totals of the root element
 * must agree with the lines that are listed.
 * @throws REPORT_UNPARSEABLE
 */
export function parseCobertura(text: string, root: string): CoverageReport {
  const top = readXml('cobertura', text, { outerDoctype: true });
  if (top.name !== 'coverage') throw unparseable('cobertura', `its root element is <${top.name}>, not <coverage>`);
  const place = placing(top, root);
  const classes = descendants(top, 'class');
  if (classes.length === 0) throw unparseable('cobertura', 'it names no class');
  const files = classes.map((element) => fileOf(element, place));
  checkTotal(
    top,
    'lines-valid',
    new Set(files.flatMap((file) => file.lines.map((line) => `${line.line} ${file.path}`))).size,
  );
  checkTotal(
    top,
    'branches-valid',
    files.reduce((sum, file) => sum + file.branches.length, 0),
  );
  return coverageReportOf(files, root);
}

function placing(top: XmlElement, root: string): (filename: string) => string {
  const sources = [...new Set(descendants(top, 'source').map((source) => source.text.trim()))].filter(
    (text) => text !== '',
  );
  const inside = sources.filter((source) => isRoot(source, root) || repositoryPath(source, root) !== null);
  return (filename) => {
    if (/^([/\\]|[A-Za-z]:)/.test(filename) || inside.length === 0) return filename;
    if (inside.length > 1)
      throw unparseable('cobertura', `${inside.length} sources: ${filename} could be in any of them`);
    const source = inside[0] ?? '';
    return isRoot(source, root) ? filename : `${source}/${filename}`;
  };
}

function isRoot(source: string, root: string): boolean {
  return source === '.' || source.replace(/[\\/]+$/, '') === root.replace(/[\\/]+$/, '');
}

function fileOf(element: XmlElement, place: (filename: string) => string): FileCoverage {
  const filename = element.attributes.get('filename') ?? '';
  if (filename === '') throw unparseable('cobertura', 'a <class> has no filename');
  const own = element.children.find((child) => child.name === 'lines')?.children ?? [];
  const lines = own.map((line) => ({ line: integer(line, 'number'), hits: integer(line, 'hits') }));
  return { path: place(filename), lines, branches: own.flatMap(branchesOf) };
}

function branchesOf(line: XmlElement): FileCoverage['branches'] {
  if (line.attributes.get('branch')?.toLowerCase() !== 'true') return [];
  const condition = line.attributes.get('condition-coverage') ?? '';
  const [, taken, ways] = /\((\d{1,6})\/(\d{1,6})\)/.exec(condition) ?? [];
  const number = integer(line, 'number');
  if (taken === undefined || ways === undefined || Number(taken) > Number(ways)) {
    throw unparseable('cobertura', `line ${number} is a branch without "(taken/ways)" in condition-coverage`);
  }
  return Array.from({ length: Number(ways) }, (_, index) => ({ line: number, taken: index < Number(taken) ? 1 : 0 }));
}

function integer(element: XmlElement, name: string): number {
  const value = element.attributes.get(name) ?? '';
  if (!/^\d{1,15}$/.test(value))
    throw unparseable('cobertura', `<${element.name}> has ${name}="${value.slice(0, 40)}"`);
  return Number(value);
}

function checkTotal(top: XmlElement, name: string, listed: number): void {
  const declared = top.attributes.get(name);
  if (declared !== undefined && Number(declared) !== listed) {
    throw unparseable('cobertura', `${name} says ${declared.slice(0, 20)}, ${listed} are listed`);
  }
}

function descendants(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descendants(child, name)]);
}
