// npm run tamper:report [-- --check]
// Runs every tamper case and writes recall and false-block rate into docs/tamper-rules.md; --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { tamperRules } from '../src/core/caws/tamper/index.js';
import { type JudgedCase, judgeTamperCases, readTamperCases } from '../test/tamper-cases.js';

const page = new URL('../docs/tamper-rules.md', import.meta.url);
const opening = '<!-- tamper-report: begin, written by npm run tamper:report -->';
const closing = '<!-- tamper-report: end -->';

interface Row {
  readonly rule: string;
  readonly language: string;
  readonly tamper: number;
  readonly seen: number;
  readonly honest: number;
  readonly stopped: number;
}

function rowsOf(judged: readonly JudgedCase[]): readonly Row[] {
  const keys = [...new Set(judged.map((it) => `${it.case.rule} ${it.case.language}`))];
  return keys
    .map((key): Row => {
      const [rule = '', language = ''] = key.split(' ');
      const own = judged.filter((it) => it.case.rule === rule && it.case.language === language);
      const tamper = own.filter((it) => it.case.kind === 'tamper');
      const honest = own.filter((it) => it.case.kind === 'honest');
      const seen = tamper.filter((it) => it.found).length;
      const stopped = honest.filter((it) => it.found).length;
      return { rule, language, tamper: tamper.length, seen, honest: honest.length, stopped };
    })
    .toSorted((a, b) => Number(a.rule.slice(1)) - Number(b.rule.slice(1)) || (a.language < b.language ? -1 : 1));
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}

function cells(row: Row, severity: string): string {
  const recall = percent(row.seen, row.tamper);
  const rate = percent(row.stopped, row.honest);
  return `| ${row.rule} | ${row.language} | ${severity} | ${row.seen} of ${row.tamper} | ${recall} | ${row.stopped} of ${row.honest} | ${rate} |`;
}

function renderReport(judged: readonly JudgedCase[]): string {
  const rows = rowsOf(judged);
  const sum = (key: 'tamper' | 'seen' | 'honest' | 'stopped'): number =>
    rows.reduce((total, row) => total + row[key], 0);
  const all = {
    rule: 'all',
    language: '',
    tamper: sum('tamper'),
    seen: sum('seen'),
    honest: sum('honest'),
    stopped: sum('stopped'),
  };
  const severityOf = (id: string): string => tamperRules.find((rule) => rule.id === id)?.severity ?? 'no rule';
  return [
    '| rule | language | severity | tampering seen | recall | honest cases stopped | false-block rate |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => cells(row, severityOf(row.rule))),
    cells(all, ''),
    '',
    ...listOf('Tampering among the cases that is not seen:', judged, 'tamper', false),
    ...listOf('Honest cases that are stopped:', judged, 'honest', true),
  ].join('\n');
}

function listOf(head: string, judged: readonly JudgedCase[], kind: 'tamper' | 'honest', found: boolean): string[] {
  const wrong = judged.filter((it) => it.case.kind === kind && it.found === found);
  if (wrong.length === 0) return [];
  return [head, '', ...wrong.map((it) => `- ${it.case.rule} ${it.case.language}: ${it.case.name}`).toSorted(), ''];
}

const judged = judgeTamperCases(readTamperCases());
const report = renderReport(judged);
const before = readFileSync(page, 'utf8');
const [head, rest] = before.split(opening);
const tail = rest?.split(closing)[1];
if (head === undefined || tail === undefined) throw new Error(`docs/tamper-rules.md has lost its markers: ${opening}`);
const after = `${head}${opening}\n\n${report.trimEnd()}\n\n${closing}${tail}`;
console.log(report);
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/tamper-rules.md is not what the cases give: run npm run tamper:report and commit it');
  process.exitCode = 1;
}
const wrong = judged.filter((it) => !it.right);
for (const it of wrong) console.error(`not as its sheet says: ${it.case.sheet}: ${it.case.name}`);
if (wrong.length > 0) process.exitCode = 1;
