import { createHash } from 'node:crypto';
import { isFault } from '../../core/fault.js';
import type { ReportFormat } from '../../core/caws/arbiter-config.js';
import type { ParsedReport } from '../../core/caws/gate/report.js';
import { parseReport } from '../reports/parse-report.js';
import type { GateProcess } from './run-gate.js';

export type ReportKind = ParsedReport['kind'];
type ReportOf<Kind extends ReportKind> = Extract<ParsedReport, { kind: Kind }>['report'];

const kinds: Readonly<Record<ReportFormat, ReportKind>> = {
  junit: 'tests',
  ctrf: 'tests',
  lcov: 'coverage',
  istanbul: 'coverage',
  cobertura: 'coverage',
  mutation: 'mutation',
  sarif: 'issues',
};

/** True when a gate is told to give a report of the kind. */
export function promises(reports: readonly { readonly format: ReportFormat }[], kind: ReportKind): boolean {
  return reports.some(({ format }) => kinds[format] === kind);
}

/** The report of a kind, or why there is none that can be judged. */
export type ReadReport<Kind extends ReportKind> =
  | { readonly report: ReportOf<Kind>; readonly problem: null }
  | { readonly report: null; readonly problem: string };

/** The run's report of that kind. A run cut short has none: what it wrote before is no whole report. */
export function readReport<Kind extends ReportKind>(process: GateProcess, kind: Kind): ReadReport<Kind> {
  if (process.ended !== 'exited') return { report: null, problem: endedWords(process) };
  const raw = process.reports.find(({ format }) => kinds[format] === kind);
  if (raw === undefined) return { report: null, problem: `the gate is not told to write a ${kind} report` };
  if (raw.bytes === null) return { report: null, problem: `${raw.problem}${saidOf(process)}` };
  try {
    const parsed = parseReport(raw.format, raw.bytes, { root: process.root });
    // SAFE: `kinds` says which kind each format parses into.
    return { report: parsed.report as ReportOf<Kind>, problem: null };
  } catch (error) {
    if (!isFault(error, 'REPORT_UNPARSEABLE')) throw error;
    return { report: null, problem: `${error.message}${saidOf(process)}` };
  }
}

/** SHA-256 over all reports of the run in order, null when it gave none. */
export function reportDigest(process: GateProcess): string | null {
  const given = process.reports.filter(({ bytes }) => bytes !== null);
  if (given.length === 0) return null;
  const hash = createHash('sha256');
  for (const { bytes } of given) hash.update(bytes ?? '');
  return hash.digest('hex');
}

const endings = {
  exited: 'ended',
  timeout: 'did not end within its time',
  'output-limit': 'said or reported more than its limit',
  'memory-limit': 'used more memory than its limit',
  'process-limit': 'started more processes than its limit',
  'disk-limit': 'wrote more to the disk than its limit',
  aborted: 'was aborted',
} as const;

/** How the run ended, in words. */
export function endedWords(process: GateProcess): string {
  const seconds = (process.durationMs / 1000).toFixed(1);
  return `the command ${endings[process.ended]} (after ${seconds} s)`;
}

/** The end of the command's output as one short clause, empty when it was silent. */
export function saidOf(process: GateProcess): string {
  const said = process.outputTail.replace(/\s+/g, ' ').trim().slice(-300);
  return said === '' ? `; exit ${process.exit}` : `; exit ${process.exit}, it said: ${said}`;
}
