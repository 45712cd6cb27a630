import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import type { RolloutEvent } from '../../core/rollout/rollout-event.js';
import { stageAbove } from '../../core/rollout/stage.js';
import type { Operation } from '../operation.js';
import { openRegistry } from '../registry/open-registry.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { changeRollout, findRollout } from './change-rollout.js';
import { reportRollout, rolloutReportSchema } from './rollout-report.js';
import { settleVersions } from './settle-versions.js';

export type RolloutEndFaultCode = 'ROLLOUT_ENDED';

const wordSchema = z.strictObject({
  id: z.string().min(1).max(300).describe('Id, its unambiguous end, or the key of the candidate.'),
  by: z.string().min(1).max(200).describe('Who says so.'),
  why: z.string().min(1).max(1000),
});
export type RolloutWord = z.infer<typeof wordSchema>;

/** An operation by which a person moves a rollout; who and why become part of its story. */
function word(
  name: string,
  summary: string,
  decide: (rollout: Rollout, word: RolloutWord, atMs: number) => RolloutEvent,
): Operation<RolloutWord, z.infer<typeof rolloutReportSchema>> {
  return {
    name,
    summary,
    role: 'human',
    input: wordSchema,
    output: rolloutReportSchema,
    run: (ports, input, { signal }) =>
      useRuntime(ports, signal, async (runtime) => {
        const { rollouts } = runtime;
        const at_ms = ports.clock.nowMs();
        let meant: RolloutEvent | null = null;
        const { rollout } = await changeRollout(rollouts, await findRollout(rollouts, input.id), (present) => {
          // An append whose answer was lost with the connection went through: the word is not said twice.
          if (meant !== null && isDone(present, meant)) return null;
          meant = decide(present, input, at_ms);
          return meant;
        });
        const registry = await openRegistry(runtime, ports.clock);
        const all = await settleVersions(rollouts, registry, at_ms);
        return reportRollout(all.find((one) => one.id === rollout.id) ?? rollout);
      }),
  };
}

function isDone({ stages, ended }: Rollout, meant: RolloutEvent): boolean {
  if (meant.type === 'stage-reached') return stages.includes(meant.stage);
  return meant.type === 'rollout-ended' && ended?.at_ms === meant.at_ms && ended.by === meant.by;
}

export const rolloutPromote = word(
  'rollout promote',
  'take a rollout a stage up by a person’s word; at the top, accept the candidate',
  (rollout, { by, why }, at_ms) => {
    if (rollout.state !== 'running') throw endedFault(rollout);
    const stage = stageAbove(rollout.stage);
    if (stage !== null) return { type: 'stage-reached', at_ms, stage, by, why };
    return { type: 'rollout-ended', at_ms, state: 'finished', cause: 'accepted', by, why };
  },
);

export const rolloutAbort = word(
  'rollout abort',
  'veto a rollout: every task goes to the incumbent again, also after the candidate was accepted',
  (rollout, { by, why }, at_ms) => {
    if (rollout.state === 'rolled-back') throw endedFault(rollout);
    return { type: 'rollout-ended', at_ms, state: 'rolled-back', cause: 'veto', by, why };
  },
);

function endedFault({ id, state, ended, subject }: Rollout): Fault<RolloutEndFaultCode> {
  const why = ended === null ? '' : `: ${ended.cause}, ${ended.why}`;
  return new Fault('ROLLOUT_ENDED', `rollout ${id} is ${state}${why}`, {
    mend: `start another: arbiter rollout start --incumbent ${subject.incumbent} --candidate ${subject.candidate}`,
  });
}
