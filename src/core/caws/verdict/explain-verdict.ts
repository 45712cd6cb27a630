import { escapeHidden } from './double-quoted.js';
import type { RecordedFinding, Verdict } from './verdict.js';

const shownFindings = 10;
const shownAdvice = 3;

const headlines: Readonly<Record<Verdict['verdict'], string>> = {
  PASS: 'PASS: the change keeps its working spec',
  FAIL: 'FAIL: the change breaks a rule that no waiver lifts',
  WAIVER_REQUIRED: 'WAIVER REQUIRED: mend what is named, or have a human sign a waiver for it',
};

/**
 * The verdict in words, a line an entry, for a reader with ten seconds: outcome, what failed under which clause and how
 * to mend it, budgets, gates, waivers, trust, what to do next. Says nothing that the verdict does not hold; texts from
 * outside cannot move the cursor.
 */
export function explainVerdict(verdict: Verdict): string[] {
  return [
    headlineOf(verdict),
    ...explainFindings(verdict),
    ...explainBudget(verdict),
    ...explainGates(verdict),
    ...explainWaivers(verdict),
    ...explainTrust(verdict),
    nextStep(verdict),
  ].map(escapeHidden);
}

function headlineOf({ verdict, spec, advisory, waivers }: Verdict): string {
  const subject = spec === null ? '' : ` (${spec.id}, tier ${spec.risk_tier})`;
  // An override never reads as satisfied (constitution §5).
  const byWaiver = verdict === 'PASS' && waivers.length > 0;
  const headline = byWaiver
    ? `PASS BY WAIVER: but for ${count(waivers.length, 'waiver')} it would not pass`
    : headlines[verdict];
  return `${headline}${subject}${advisory ? ' [advisory]' : ''}`;
}

function explainFindings({ findings, findings_omitted }: Verdict): string[] {
  const grave = findings.filter((finding) => finding.severity !== 'advisory' && finding.waived_by === null);
  const advice = findings.filter((finding) => finding.severity === 'advisory');
  const unseen = Math.max(0, grave.length - shownFindings) + findings_omitted;
  return [
    ...grave.slice(0, shownFindings).flatMap(explainFinding),
    ...(unseen > 0 ? [`  … and ${unseen} more findings`] : []),
    ...advice.slice(0, shownAdvice).map((finding) => `  note ${finding.rule}${placeOf(finding)}: ${finding.message}`),
    ...(advice.length > shownAdvice ? [`  … and ${advice.length - shownAdvice} more notes`] : []),
  ];
}

function explainFinding(finding: RecordedFinding): string[] {
  return [
    `  ${finding.severity === 'block' ? 'blocks' : 'needs a waiver'} ${finding.rule}${placeOf(finding)}: ${finding.message}`,
    `    clause: ${finding.clause}`,
    `    mend: ${finding.mend}`,
  ];
}

function placeOf({ path, line }: RecordedFinding): string {
  return path === null ? '' : line === null ? ` ${path}` : ` ${path}:${line}`;
}

function explainBudget({ budgets }: Verdict): string[] {
  if (budgets === null) return ['Budget: not measured'];
  const { measured, limits, source } = budgets;
  return [
    `Budget: ${measured.files} of ${limits.files} files, ${measured.loc} of ${limits.loc} lines (limits from ${source})`,
  ];
}

function explainGates({ gates, sandbox }: Verdict): string[] {
  if (gates.length === 0) return ['Gates: none ran'];
  const said = gates.map((gate) => {
    const tests = gate.executed_count === null ? '' : ` (${count(gate.executed_count, 'test')} ran)`;
    return `${gate.name} ${wordOf(gate)}${tests}${gate.mandatory ? '' : ' (optional)'}`;
  });
  return [
    `Gates: ${said.join(' · ')}`,
    ...(sandbox === 'none' ? ['  without a sandbox, as the base’s configuration says'] : []),
  ];
}

/** A gate whose tests all passed and that is open for another reason (B1, B3, a threshold) did not "fail" for a reader. */
function wordOf({ kind, outcome, metrics }: Verdict['gates'][number]): string {
  const red = (metrics['failed'] ?? 1) + (metrics['errors'] ?? 0);
  return kind === 'tests' && outcome === 'fail' && red === 0
    ? 'ran green, with open findings'
    : outcome.replace('_', ' ');
}

function explainWaivers({ waivers, waivers_refused, waivers_needed, findings }: Verdict): string[] {
  return [
    ...waivers.map(({ id, expires, approver_key_id, single_use }) => {
      const lifted = new Set(findings.filter((finding) => finding.waived_by === id).map((finding) => finding.rule));
      const what = lifted.size === 0 ? 'the budget' : [...lifted].sort().join(', ');
      return `Leans on waiver ${id} for ${what}: approved by ${approver_key_id}, until ${expires}, single use ${single_use}`;
    }),
    ...waivers_refused.map(({ id, reason, detail }) => `Waiver ${id} does not count (${reason}): ${detail}`),
    ...waivers_needed.map(({ gate, rule, paths, paths_omitted }) => {
      const where = paths.length === 0 ? 'the whole change' : count(paths.length + paths_omitted, 'path');
      return `Waiver needed: gates: [${gate}] for ${rule}, ${where}`;
    }),
  ];
}

function explainTrust({ trust, advisory_reasons }: Verdict): string[] {
  return [
    trust === 'enforcing'
      ? 'Trust: enforcing: counts at a protected ref'
      : 'Trust: local: advises, and does not count at a protected ref, since the key is within reach of whoever made the change',
    ...advisory_reasons.map(({ message }) => `Advisory because ${message}`),
  ];
}

function isBudget({ rule, severity, waived_by }: RecordedFinding): boolean {
  return severity === 'advisory' || waived_by !== null || rule.startsWith('budget.');
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

function nextStep({ verdict, advisory, trust, findings }: Verdict): string {
  switch (verdict) {
    case 'FAIL':
      return 'Next: mend what blocks and adjudicate again; rules themselves change only by a human’s signed governance commit';
    case 'WAIVER_REQUIRED':
      return `Next: ${findings.every(isBudget) ? 'make the change smaller' : 'mend what is named above'}, or ask an approver to sign a waiver (namespace caws-waiver) with the gates above`;
    case 'PASS':
      return advisory || trust === 'local'
        ? 'Next: let CI or a server with an enforcing key adjudicate the same tree and base'
        : 'Next: land this very tree on this very base; on a moved base adjudicate again';
  }
}
