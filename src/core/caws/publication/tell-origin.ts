import type { Verdict } from '../verdict/verdict.js';
import type { RefusalReason } from './range-report.js';
import type { OriginState, ToldVerdict } from './why-report.js';

/** Why a claim cannot be held against anything here; every other refusal of a claim means that it is not the commit's own. */
const unproven: readonly RefusalReason[] = ['verdict-missing', 'keyring', 'verdict-trust'];

/** What a commit that nothing covers stands on, by whether it claims a verdict. */
export function stateOfRefused(
  reason: RefusalReason,
  { claims, governed }: { readonly claims: boolean; readonly governed: boolean },
): OriginState {
  if (claims) return unproven.includes(reason) ? 'unproven' : 'forged';
  return governed ? 'uncovered' : 'before-arbiter';
}

/** One line on why a commit's lines are there; `who` is the worker, the person who signed, or the author. */
export function headlineOf(state: OriginState, facts: { readonly who: string; readonly detail: string }): string {
  const { who, detail } = facts;
  switch (state) {
    case 'verdict':
      return `judged PASS, made by ${who}`;
    case 'human':
      return `signed by ${who}, governance`;
    case 'forged':
      return `FORGED: it names a verdict that is not its own: ${detail}`;
    case 'unproven':
      return `not proven: it names a verdict that cannot be checked here: ${detail}`;
    case 'uncovered':
      return `no verdict: ${detail}`;
    case 'before-arbiter':
      return `from before Arbiter: its parent holds no keyring, so nobody could vouch for it`;
  }
}

/** What a verified verdict tells of the lines that came with it. */
export function tellVerdict(
  verdict: Verdict,
  proven: { readonly signer: string; readonly ledger: ToldVerdict['ledger'] },
): ToldVerdict {
  const { spec, worker, gates, waivers, findings } = verdict;
  return {
    verdict_id: verdict.verdict_id,
    trust: verdict.trust,
    decided: verdict.clock.wall,
    signer: proven.signer,
    spec: spec && { id: spec.id, sha256: spec.sha256, risk_tier: spec.risk_tier },
    task_id: verdict.task_id,
    attempt: verdict.attempt,
    worker: worker && {
      agent: worker.agent,
      version: worker.version,
      model: worker.model,
      prompt_sha256: worker.prompt_sha256 ?? null,
    },
    gates: gates.map(({ name, outcome, executed_count }) => ({ name, outcome, executed_count })),
    waivers: waivers.map(({ id, approver_key_id }) => {
      const lifted = findings.filter(({ waived_by }) => waived_by === id).map(({ rule }) => rule);
      return { id, approver_key_id, lifted: [...new Set(lifted)].sort() };
    }),
    ledger: proven.ledger,
  };
}
