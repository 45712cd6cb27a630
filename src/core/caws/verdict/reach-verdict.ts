import type { Examination } from '../examine/examination.js';
import { type Finding, sortFindings } from '../finding.js';
import type { GateOutcome } from '../gate/gate-outcome.js';
import { coversFinding } from './assess-waiver.js';
import { collectGateFindings } from './gate-findings.js';
import type { NeededWaiver, Outcome, RecordedFinding } from './verdict.js';
import { waiverGateOf } from './waiver-gate.js';
import { type AssessedWaiver, type ValidWaiver, distinctValid } from './waiver-standing.js';
import { weighBudgetRaise } from './weigh-budget-raise.js';

export interface JudgedMatter {
  readonly examination: Examination;
  readonly gates: readonly GateOutcome[];
  /** Names of every gate that the base's configuration makes mandatory, whether it left an outcome or not. */
  readonly mandatoryGates: readonly string[];
  readonly waivers: readonly AssessedWaiver[];
  readonly nowMs: number;
}

export interface ReachedVerdict {
  readonly outcome: Outcome;
  /** Gravest first, open before waived; `waived_by` names the waiver that lifted a finding. */
  readonly findings: readonly RecordedFinding[];
  /** Every waiver that lifted a finding or raised a budget that would not have held without it. */
  readonly leanedOn: readonly ValidWaiver[];
  readonly waiversNeeded: readonly Omit<NeededWaiver, 'paths_omitted'>[];
}

/**
 * Any blocking finding: FAIL. Else any waivable finding without a valid waiver that covers it: WAIVER_REQUIRED, with
 * exactly which. Else PASS, with every waiver that it leaned on. Total; the order of its inputs says nothing, and
 * nothing added to what was found makes the outcome better.
 * @see constitution §5 and the class table of §3
 */
export function reachVerdict(matter: JudgedMatter): ReachedVerdict {
  const waivers = distinctValid(matter.waivers, matter.nowMs);
  const raised = weighBudgetRaise(matter.examination.budget, waivers);
  const found = [
    ...matter.examination.findings,
    ...collectGateFindings(matter.gates, matter.mandatoryGates),
    ...raised.findings,
  ];
  const findings = openFirst(orderFindings(found).map((finding) => recordFinding(finding, waivers)));
  const open = findings.filter((finding) => finding.severity === 'waivable' && finding.waived_by === null);
  const leaned = new Set([...raised.leanedOn, ...findings.map((finding) => finding.waived_by)]);
  return {
    outcome: findings.some((finding) => finding.severity === 'block')
      ? 'FAIL'
      : open.length > 0
        ? 'WAIVER_REQUIRED'
        : 'PASS',
    findings,
    leanedOn: waivers.filter((waiver) => leaned.has(waiver.id)),
    waiversNeeded: nameNeeded(open),
  };
}

function recordFinding(finding: Finding, waivers: readonly ValidWaiver[]): RecordedFinding {
  const waiver =
    finding.severity === 'waivable' ? waivers.find((candidate) => coversFinding(candidate.waiver, finding)) : undefined;
  return { ...finding, waived_by: waiver?.id ?? null };
}

// sortFindings leaves findings that differ only in clause, why or mend as they come; their text settles those.
function orderFindings(findings: readonly Finding[]): Finding[] {
  const keyed = findings.map((finding) => ({
    finding,
    key: JSON.stringify([finding.clause, finding.why, finding.mend]),
  }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sortFindings(keyed.map(({ finding }) => finding));
}

// A waived finding is shown after what is still open, before what only advises.
function openFirst(findings: readonly RecordedFinding[]): RecordedFinding[] {
  const rank = ({ severity, waived_by }: RecordedFinding): number =>
    severity === 'block' ? 0 : severity === 'advisory' ? 3 : waived_by === null ? 1 : 2;
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function nameNeeded(open: readonly RecordedFinding[]): Omit<NeededWaiver, 'paths_omitted'>[] {
  const needed = new Map<string, { rule: string; gate: string; clause: string; paths: Set<string> }>();
  for (const { rule, clause, path } of open) {
    const key = JSON.stringify([rule, clause]);
    const entry = needed.get(key) ?? { rule, gate: waiverGateOf(rule), clause, paths: new Set<string>() };
    if (path !== null) entry.paths.add(path);
    needed.set(key, entry);
  }
  return [...needed]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, { rule, gate, clause, paths }]) => ({ rule, gate, clause, paths: [...paths].sort() }));
}
