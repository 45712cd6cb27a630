import type { GateKind } from '../arbiter-config.js';
import { type Finding, type Severity, findingOf } from '../finding.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import { gateRule, notRunRule } from './gate-rules.js';
import type { IssueReport } from './report.js';

type Issue = IssueReport['issues'][number];

const namedAtMost = 50;

export interface IssueEvidence {
  readonly kind: GateKind;
  readonly report: IssueReport;
  /** The same gate's report on the base, null when there is none: then every issue is held against the change. */
  readonly base: IssueReport | null;
  readonly exit: number | null;
}

/**
 * Judges a SARIF report (constitution §3, class table). Security: critical blocks, error and warning are waivable, a
 * note advises. Build: an error blocks. Every other kind: critical and error are waivable, warning and note advise.
 * An issue that the base has too (same rule, path and message, as often) advises, but a critical one of security
 * blocks wherever it came from. A failing exit with no grave issue listed fails in the severity of the kind; a signal
 * blocks. An exit of 0 beside issues is what many tools do, and says nothing.
 *
 * Metrics: critical, errors, warnings, notes, knownOnBase.
 */
export function judgeIssues(evidence: IssueEvidence): GateJudgement {
  const { kind, report, exit } = evidence;
  const known = knownIssues(evidence.base);
  let knownOnBase = 0;
  const findings = report.issues.map((issue) => {
    const before = known.get(keyOf(issue)) ?? 0;
    if (before > 0) {
      known.set(keyOf(issue), before - 1);
      knownOnBase += 1;
    }
    return issueFinding(kind, issue, before > 0);
  });
  const grave = findings.filter((finding) => finding.severity !== 'advisory');
  const count = (level: Issue['level']): number => report.issues.filter((issue) => issue.level === level).length;
  const excused = knownOnBase > 0;
  return judgementOf(
    [
      ...capped(kind, grave),
      ...capped(kind, advisories(findings)),
      ...exitFindings(kind, exit, grave.length > 0 || excused),
    ],
    {
      metrics: {
        critical: count('critical'),
        errors: count('error'),
        warnings: count('warning'),
        notes: count('note'),
        knownOnBase,
      },
    },
  );
}

function advisories(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.severity === 'advisory');
}

function knownIssues(base: IssueReport | null): Map<string, number> {
  const known = new Map<string, number>();
  for (const issue of base?.issues ?? []) known.set(keyOf(issue), (known.get(keyOf(issue)) ?? 0) + 1);
  return known;
}

// Lines move when code above them changes; rule, path and message do not.
function keyOf(issue: Issue): string {
  return JSON.stringify([issue.ruleId, issue.path, issue.message]);
}

function issueFinding(kind: GateKind, issue: Issue, onBase: boolean): Finding {
  const severity = severityOf(kind, issue.level);
  const lowered = onBase && !(kind === 'security' && issue.level === 'critical') ? 'advisory' : severity;
  const message = `${issue.ruleId} (${issue.level}${onBase ? ', on the base too' : ''}): ${issue.message.slice(0, 300)}`;
  return findingOf(gateRule(kind), message, { path: issue.path, line: issue.line, severity: lowered });
}

function severityOf(kind: GateKind, level: Issue['level']): Severity {
  if (level === 'note') return 'advisory';
  if (kind === 'security') return level === 'critical' ? 'block' : 'waivable';
  if (level === 'warning') return 'advisory';
  return kind === 'build' || kind === 'tests' ? 'block' : 'waivable';
}

function capped(kind: GateKind, findings: readonly Finding[]): readonly Finding[] {
  const ordered = [
    ...findings.filter((finding) => finding.severity === 'block'),
    ...findings.filter((finding) => finding.severity !== 'block'),
  ];
  const rest = ordered.slice(namedAtMost);
  const gravest = rest[0];
  if (gravest === undefined) return ordered;
  const more = findingOf(gateRule(kind), `${rest.length} more issues`, { severity: gravest.severity });
  return [...ordered.slice(0, namedAtMost), more];
}

function exitFindings(kind: GateKind, exit: number | null, explained: boolean): readonly Finding[] {
  if (exit === null) return [findingOf(notRunRule, `the ${kind} gate was ended by a signal`)];
  if (exit === 0 || explained) return [];
  return [findingOf(gateRule(kind), `the ${kind} gate ended with ${exit}, and its report lists nothing grave`)];
}
