import { escapeHidden } from '../../../core/caws/verdict/double-quoted.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';

/** What a forge is to show for a published branch. */
export interface PullRequest {
  readonly title: string;
  readonly body: string;
}

/** Title, what, verdict and how to verify; from the verdict alone, so that it says nothing that was not judged. */
export function describePullRequest(
  verdict: Verdict,
  landed: { readonly title: string; readonly commit: string; readonly sha256: string },
): PullRequest {
  const { budgets, worker, gates, waivers, base } = verdict;
  const size =
    budgets === null ? [] : [`- ${budgets.measured.files} files, ${budgets.measured.loc} lines by the budget’s count`];
  const lines = [
    '## What',
    `${landed.title} (commit ${landed.commit}, on ${base?.commit ?? ''})`,
    ...size,
    ...(worker === null ? [] : [`- made by ${worker.agent} ${worker.version} with ${worker.model}`]),
    '',
    '## Verdict',
    `${verdict.verdict}, ${verdict.trust}: ${verdict.verdict_id} (SHA-256 ${landed.sha256})`,
    ...gates.map(
      ({ name, outcome, executed_count: count }) => `- ${name}: ${outcome}${count === null ? '' : `, ${count} run`}`,
    ),
    ...waivers.map(({ id }) => `- leans on waiver ${id}`),
    '',
    '## Verify',
    '    git fetch origin refs/caws/ledger:refs/caws/ledger',
    `    arbiter verify ${base?.commit ?? ''}..${landed.commit}`,
    '',
    'Take it by fast-forward only: a merge or squash makes another commit, which no verdict covers.',
  ];
  return { title: escapeHidden(landed.title), body: `${lines.map(escapeHidden).join('\n')}\n` };
}
