import { agentOfStand } from '../registry/stand.js';
import type { Arm } from '../routing/arm.js';
import { mustCapture } from './data-point.js';
import type { StoryMatter, VerdictMatter } from './matter.js';
import type { Outcome, OutcomeVerdict } from './outcome.js';
import { rewardOf } from './reward.js';
import { type Execution, captureOf } from './telling.js';

/** What an execution came to, as learners take it, from what the story and its matter say. */
export function outcomeOf(
  one: Execution,
  verdict: OutcomeVerdict,
  told: { readonly taskId: string; readonly atMs: number; readonly judged: VerdictMatter | null },
  matter: StoryMatter,
): Outcome {
  const decision = one.decisionId === null ? undefined : matter.decisions.get(one.decisionId);
  const arm = decision?.eligible.find((eligible) => eligible.arm.agent === one.agent)?.arm;
  const { input_tokens, output_tokens, micro_usd, wall_ms } = one.spend;
  const capture = captureOf(one);
  const model = redacted(matter, one.model) ?? arm?.model ?? '';
  return {
    decision_id: one.decisionId,
    task_id: told.taskId,
    attempt: one.attempt,
    candidate: one.candidate,
    // What ran outranks what was chosen: the model that answered is the one whose work was judged.
    arm: { agent: agentOfStand(one.agent), version: versionOf(one, arm, matter), model },
    surface: decision?.surface ?? null,
    complexity: decision?.complexity ?? null,
    verdict,
    reward: rewardOf(verdict, decision?.surface ?? null),
    cost_micro_usd: micro_usd,
    latency_ms: wall_ms,
    first_token_ms: capture?.first_token_ms ?? null,
    input_tokens,
    output_tokens,
    turns: one.spend.turns,
    tool_calls: capture?.tool_calls ?? null,
    tool_turns: capture?.tool_turns ?? null,
    unsupported_claims: told.judged?.unsupported_claims ?? null,
    context_retained: capture?.context_retained ?? null,
    verifier: told.judged?.verifier ?? null,
    seed: decision?.policy.seed ?? null,
    prompt: one.prompt,
    at_ms: told.atMs,
    revision: one.told,
  };
}

/** What its history is kept under; a story that says it nowhere leaves what the worker said of itself. */
function versionOf(one: Execution, arm: Arm | undefined, matter: StoryMatter): string {
  return arm?.version ?? one.profileVersion ?? (redacted(matter, one.version) || 'unknown');
}

/** Fields of an outcome that must be captured and are not there. */
export function missingOf(outcome: Outcome): string[] {
  return mustCapture.filter((name) => (name === 'model' ? outcome.arm.model === '' : outcome[name] === null));
}

function redacted(matter: StoryMatter, text: string | null): string | null {
  return text === null ? null : (matter.texts.get(text)?.text.slice(0, 100) ?? null);
}
