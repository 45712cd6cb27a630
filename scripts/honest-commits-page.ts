import type { Finding, Severity } from '../src/core/caws/finding.js';

/** One commit and all findings of its examination. */
export interface MeasuredCommit {
  readonly repository: string;
  readonly id: string;
  readonly findings: readonly Finding[];
}

/** Rules that speak of files only a human's governance commit may touch: CI, hooks, scripts, the constitution. */
const governance = /^(D12|D13|path\.protected)$/;

/** What an examination alone would do to a commit: the gravest of its findings. */
function gravest(findings: readonly Finding[]): Severity | 'none' {
  const order = ['block', 'waivable', 'advisory'] as const;
  return order.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'none';
}

type Outcome = 'block' | 'governance' | 'waivable' | 'advisory' | 'none';

/** A commit whose only blocks are governance is counted apart: by the constitution it needs a human, whatever it holds. */
function outcomeOf({ findings }: MeasuredCommit): Outcome {
  const worst = gravest(findings);
  if (worst !== 'block') return worst;
  return findings.some((it) => it.severity === 'block' && !governance.test(it.rule)) ? 'block' : 'governance';
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function repositoryRows(commits: readonly MeasuredCommit[]): (string | number)[][] {
  const names = [...new Set(commits.map((commit) => commit.repository))];
  return names.map((name) => {
    const own = commits.filter((commit) => commit.repository === name);
    const counts = countOutcomes(own);
    const range = `\`${own.at(-1)?.id.slice(0, 10) ?? ''}\` … \`${own[0]?.id.slice(0, 10) ?? ''}\``;
    return [name, range, own.length, counts.block, counts.governance, counts.waivable, counts.advisory, counts.none];
  });
}

function countOutcomes(commits: readonly MeasuredCommit[]): Record<Outcome, number> {
  const counts: Record<Outcome, number> = { block: 0, governance: 0, waivable: 0, advisory: 0, none: 0 };
  for (const commit of commits) counts[outcomeOf(commit)] += 1;
  return counts;
}

function ruleRows(commits: readonly MeasuredCommit[]): (string | number)[][] {
  const rules = [...new Set(commits.flatMap((commit) => commit.findings.map((finding) => finding.rule)))];
  const number = (rule: string): number => (/^D\d+$/.test(rule) ? Number(rule.slice(1)) : 100);
  rules.sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1));
  return rules.map((rule) => {
    const worst = commits.map((commit) => gravest(commit.findings.filter((finding) => finding.rule === rule)));
    const count = (severity: Severity): number => worst.filter((it) => it === severity).length;
    return [
      rule,
      count('block'),
      count('waivable'),
      count('advisory'),
      percent(count('block') + count('waivable'), commits.length),
    ];
  });
}

/** Below this line the page is written by hand and kept. */
export const handWritten = '<!-- below this line: written by hand, kept by honest:measure -->';

/** The page `docs/honest-commits.md`: the same commits and date give the same bytes. */
export function renderHonestCommits(
  commits: readonly MeasuredCommit[],
  options: { readonly take: number; readonly date: string },
): string {
  const counts = countOutcomes(commits);
  const total = commits.length;
  const rate = (outcome: Outcome): string => `${counts[outcome]} (${percent(counts[outcome], total)})`;
  const sum = ['all', '', total, counts.block, counts.governance, counts.waivable, counts.advisory, counts.none];
  return `# What the examination says of honest commits

Written by \`npm run honest:measure -- --write REPOSITORY…\` on ${options.date}. From each repository the newest ${options.take} commits with one
parent that touch source code are taken, measured against their parent, and examined as \`arbiter examine\` does in a
repository without \`.caws\`: no spec, no policy, no admissions, no waivers. Nobody chose among the commits. All of them
were merged by the people who keep these projects, so whatever is found in them is counted as a false alarm of ours,
save for what the constitution itself asks a human for.

**${total} commits: ${rate('block')} blocked, ${rate('governance')} touch governance, ${rate('waivable')} would need a waiver or an admission, ${rate('advisory')} only advice, ${rate('none')} nothing.**

- *Blocked*: a finding that no waiver lifts. This is the false-block rate.
- *Governance*: the only blocks are D12, D13 and protected paths: package scripts, CI, hooks, agent instructions. By the
  constitution such a change is a human's own governance commit, so these are asked for, not false.
- *Waiver or admission*: mostly D3 and D4 where a commit changes what existing tests expect, D1 where it removes tests,
  and D14 where it takes a new dependency or a new major version. A spec that means to do so admits it at the base.

## By repository

${table(['repository', 'commits, oldest … newest', 'taken', 'blocked', 'governance', 'waivable', 'advisory', 'none'], [...repositoryRows(commits), sum])}

## By rule

Commits with at least one finding of the rule, by the gravest of them; rules that found nothing are left out.

${table(['rule', 'block', 'waivable', 'advisory', 'block or waivable'], ruleRows(commits))}

${handWritten}
`;
}
