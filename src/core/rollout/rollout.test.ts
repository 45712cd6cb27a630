import { fc, it as law } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isFault } from '../fault.js';
import { type RolloutQuestion, admitByRollout, maskByRollout, overlap, placeOfTask, policyByRollout } from './admit.js';
import { advanceRollout, applyRolloutEvent, beginRollout, rebuildRollout } from './apply-rollout-event.js';
import { logEvidence } from './bet.js';
import { type Rollout, rolloutOptionsSchema, rolloutSchema, rolloutSubjectSchema } from './rollout.js';
import { type RolloutEvent, type RolloutEventOf, rolloutEventSchema } from './rollout-event.js';
import { plainOptions, policyKey } from '../routing/policy-key.js';
import { stageSchema } from './stage.js';

const id = '01JDQ5E4M0ABCDEFGHJKMNPQRS';
const started = (more: Partial<RolloutEventOf<'rollout-started'>> = {}): RolloutEventOf<'rollout-started'> => ({
  type: 'rollout-started',
  at_ms: 1,
  by: 'ada@example.org',
  subject: { kind: 'agent', incumbent: 'pi@1', candidate: 'pi@2' },
  brought: null,
  surface: null,
  options: rolloutOptionsSchema.parse({ shadow_decisions: 0 }),
  ...more,
});
const at = (stage: Rollout['stage'], more: Partial<RolloutEventOf<'rollout-started'>> = {}): Rollout =>
  applyRolloutEvent(beginRollout(id, started(more)), { type: 'stage-reached', at_ms: 2, stage, by: null, why: '' });
const outcome = (side: 'incumbent' | 'candidate', reward: number, fault = false): RolloutEvent => ({
  type: 'outcome-observed',
  at_ms: 3,
  task_id: 't',
  side,
  reward,
  fault,
});
const question = (key: string, taskId: string, tried: readonly string[] = [], isBeside = false): RolloutQuestion => ({
  key,
  isBeside,
  taskId,
  surface: 'code-editing',
  tried,
});
const tasks = Array.from({ length: 4000 }, (_, index) => `task-${index}`);

/** Feeds rounds of `incumbents` passes or fails and one of the candidate until the tests say something. */
function feed(rollout: Rollout, rewards: { incumbent: number; candidate: number; fault?: boolean }, rounds: number) {
  let state = rollout;
  const story: RolloutEvent[] = [];
  for (let round = 0; round < rounds && state.state === 'running'; round += 1) {
    const events = [
      ...Array.from({ length: 9 }, () => outcome('incumbent', rewards.incumbent)),
      outcome('candidate', rewards.candidate, rewards.fault),
    ];
    for (const event of events) {
      const step = advanceRollout(state, event);
      story.push(...step.events);
      state = step.rollout;
    }
  }
  return { state, story };
}

describe('tasks divided by a rollout', () => {
  it.each([
    ['shadow', 0],
    ['canary-10', 0.1],
    ['canary-25', 0.25],
    ['canary-50', 0.5],
    ['full', 1],
  ] as const)('in %s the candidate gets its share', (stage, share) => {
    const got = tasks.filter((task) => admitByRollout(task, at(stage)) === 'candidate').length / tasks.length;
    expect(Math.abs(got - share)).toBeLessThan(share === 0 || share === 1 ? 1e-9 : 0.025);
  });

  law.prop([fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/\p{Surrogate}/u.test(text))])(
    'a task that had the candidate keeps it in every higher stage',
    (task) => {
      const sides = stageSchema.options.map((stage) => admitByRollout(task, at(stage)));
      expect(sides.join()).toMatch(/^(incumbent,?)*(candidate,?)+$/);
    },
  );

  it('is another division for another rollout', () => {
    const places = tasks.map((task) => [placeOfTask(id, task), placeOfTask(id.replace('S', 'T'), task)] as const);
    const both = places.filter(([one, other]) => one < 0.5 && other < 0.5).length / tasks.length;
    expect(both).toBeGreaterThan(0.22);
    expect(both).toBeLessThan(0.28);
  });

  it('masks exactly one of both sides, with why and what to do, and no other arm', () => {
    const rollout = at('canary-25');
    for (const task of tasks.slice(0, 200)) {
      const masks = ['pi@1', 'pi@2'].map((key) => maskByRollout(question(key, task), [rollout]));
      expect(masks.filter((mask) => mask !== null)).toHaveLength(1);
      expect(maskByRollout(question('codex@1', task), [rollout])).toBeNull();
    }
    const mask = maskByRollout(question('pi@2', 'task-0'), [at('shadow')]);
    expect(mask?.detail).toBe(`rollout ${id} (shadow, 0 % of tasks go to pi@2) gives this task to the incumbent, pi@1`);
  });

  it('lets the incumbent be the fallback once the candidate had its turn', () => {
    const treated = tasks.find((task) => admitByRollout(task, at('canary-10')) === 'candidate') ?? '';
    expect(maskByRollout(question('pi@1', treated), [at('canary-10')])).toMatchObject({ mask: 'rollout' });
    expect(maskByRollout(question('pi@1', treated, ['pi@2']), [at('canary-10')])).toBeNull();
  });

  it('lets the newest rollout that names an arm speak, and only on its surface', () => {
    const back: Rollout = { ...at('canary-50'), state: 'rolled-back' };
    const done: Rollout = { ...at('full'), state: 'finished' };
    const next = at('canary-10', { subject: { kind: 'model', incumbent: 'pi@2', candidate: 'pi@3' } });
    expect(maskByRollout(question('pi@2', 't'), [back])).toMatchObject({ mask: 'rollout' });
    expect(maskByRollout(question('pi@1', 't'), [done])).toMatchObject({ mask: 'rollout' });
    expect(maskByRollout(question('pi@1', 't'), [next, done])).toMatchObject({ mask: 'rollout' });
    expect(maskByRollout(question('pi@2', 't'), [at('full'), back])).toBeNull();
    expect(maskByRollout(question('pi@2', 't'), [at('shadow', { surface: 'data-analysis' })])).toBeNull();
  });

  it('chooses between two policies, and overrules no third', () => {
    const rollout = at('canary-50', { subject: { kind: 'policy', incumbent: 'thompson@1', candidate: 'lin-ucb@1' } });
    const asked = { surface: 'code-editing' } as const;
    const usual = plainOptions('thompson');
    const chosen = new Set(tasks.map((taskId) => policyKey(policyByRollout(usual, { taskId, ...asked }, [rollout]))));
    expect([...chosen].sort()).toEqual(['lin-ucb@1', 'thompson@1']);
    const [other, dearer] = [plainOptions('ucb1'), { ...usual, floor: 0.05 }];
    for (const one of [other, dearer]) expect(policyByRollout(one, { taskId: 't', ...asked }, [rollout])).toBe(one);
    const brought = { what: 'policies', incumbent: usual, candidate: dearer } as const;
    const subject = { kind: 'policy', incumbent: policyKey(usual), candidate: policyKey(dearer) } as const;
    expect(subject.candidate).toMatch(/^thompson@1\.[0-9a-f]{8}$/);
    const top = at('full', { subject, brought });
    expect(policyByRollout(usual, { taskId: 't', ...asked }, [top])).toEqual(dearer);
    expect(maskByRollout(question('thompson@1', 't'), [rollout])).toBeNull();
  });

  it('knows which rollouts would divide the same tasks', () => {
    const one = at('shadow');
    const policies = { kind: 'policy', incumbent: 'pi@1', candidate: 'x@1' } as const;
    expect(overlap(one, at('shadow', { subject: { kind: 'model', incumbent: 'pi@2', candidate: 'pi@3' } }))).toBe(true);
    expect(overlap(one, at('shadow', { subject: { kind: 'agent', incumbent: 'a@1', candidate: 'b@1' } }))).toBe(false);
    expect(overlap(one, at('shadow', { subject: policies }))).toBe(false);
    expect(overlap(at('shadow', { surface: 'data-analysis' }), at('shadow', { surface: 'code-editing' }))).toBe(false);
    expect(overlap(at('shadow', { surface: 'data-analysis' }), one)).toBe(true);
  });
});

describe('a rollout by its outcomes', () => {
  it('climbs to the top on good outcomes, a stage at a time and with its least of outcomes in each', () => {
    const { state, story } = feed(at('canary-10'), { incumbent: 1, candidate: 1 }, 400);
    expect(state).toMatchObject({ state: 'running', stage: 'full' });
    const steps = story.flatMap((event, index) => (event.type === 'stage-reached' ? [{ index, ...event }] : []));
    expect(steps.map(({ stage }) => stage)).toEqual(['canary-25', 'canary-50', 'full']);
    expect(steps[0]).toMatchObject({ by: null, why: expect.stringMatching(/^not worse by 0.1 after \d+ .* e-value/) });
    const candidates = (from: number, to: number) =>
      story.slice(from, to).filter((event) => event.type === 'outcome-observed' && event.side === 'candidate').length;
    expect(candidates(0, steps[0]?.index ?? 0)).toBeGreaterThanOrEqual(20);
    expect(candidates(steps[0]?.index ?? 0, steps[1]?.index ?? 0)).toBe(20);
  });

  it('is rolled back by a regression, and says how it knows', () => {
    const { state, story } = feed(at('canary-10'), { incumbent: 1, candidate: 0 }, 100);
    expect(state).toMatchObject({ state: 'rolled-back', ended: { cause: 'regression', by: null } });
    expect(state.ended?.why).toMatch(/^mean reward 0.000 of the candidate, 1.000 of the incumbent; e-value .* of 25.0/);
    expect(story.filter(({ type }) => type === 'outcome-observed').length).toBeLessThan(150);
  });

  it('is rolled back by a spike of faults within four of them', () => {
    const { state } = feed(at('canary-10'), { incumbent: 0, candidate: 0, fault: true }, 100);
    expect(state).toMatchObject({ state: 'rolled-back', ended: { cause: 'error-spike' } });
    expect(state.comparison.tally.candidate.faults).toBeLessThanOrEqual(4);
    expect(state.ended?.why).toMatch(/^\d faults in \d outcomes of the candidate, 0 in \d+ of the incumbent/);
  });

  it('is rolled back from the top when the candidate falls from its own level', () => {
    let state = at('full');
    for (let task = 0; task < 400; task += 1)
      state = advanceRollout(state, outcome('candidate', task % 10 < 8 ? 1 : 0)).rollout;
    expect(state).toMatchObject({ state: 'running', comparison: { drift: { alarms: 0 } } });
    for (let task = 0; task < 200 && state.state === 'running'; task += 1) {
      state = advanceRollout(state, outcome('candidate', task % 10 < 4 ? 1 : 0)).rollout;
    }
    expect(state).toMatchObject({ state: 'rolled-back', ended: { cause: 'drift' } });
  });

  it('leaves its shadow once enough was logged', () => {
    let state = beginRollout(id, started({ options: rolloutOptionsSchema.parse({ shadow_decisions: 3 }) }));
    for (let task = 0; task < 3; task += 1) {
      expect(state.stage).toBe('shadow');
      state = advanceRollout(state, { type: 'shadow-decided', at_ms: 2, task_id: `${task}`, agreed: task > 0 }).rollout;
    }
    expect(state).toMatchObject({ stage: 'canary-10', shadow: { decided: 3, agreed: 2 } });
  });

  it('takes nothing more once it has ended, but for the veto on what was accepted', () => {
    const end = (cause: 'accepted' | 'veto', by: string): RolloutEvent => ({
      type: 'rollout-ended',
      at_ms: 4,
      state: cause === 'veto' ? 'rolled-back' : 'finished',
      cause,
      by,
      why: 'so',
    });
    const done = applyRolloutEvent(at('full'), end('accepted', 'ada'));
    expect(applyRolloutEvent(done, outcome('candidate', 1))).toBe(done);
    expect(applyRolloutEvent(done, end('accepted', 'bob'))).toBe(done);
    const vetoed = applyRolloutEvent(done, end('veto', 'eve'));
    expect(vetoed).toMatchObject({ state: 'rolled-back', ended: { cause: 'veto', by: 'eve' } });
    expect(applyRolloutEvent(vetoed, end('veto', 'bob'))).toBe(vetoed);
  });

  const rewards = fc.array(
    fc.record({
      side: fc.constantFrom('incumbent' as const, 'candidate' as const),
      reward: fc.double({ min: 0, max: 1, noNaN: true }),
      fault: fc.boolean(),
    }),
    { maxLength: 150 },
  );
  law.prop([rewards])('is told by its events alone: rebuilt, and read back from JSON, to the last bit', (observed) => {
    let state = beginRollout(id, started());
    const story: RolloutEvent[] = [started()];
    const take = (event: RolloutEvent) => {
      const step = advanceRollout(state, event);
      state = step.rollout;
      story.push(...step.events);
    };
    take({ type: 'shadow-decided', at_ms: 2, task_id: 't', agreed: true });
    for (const { side, reward, fault } of observed) take(outcome(side, reward, fault));
    const read = story.map((event) => rolloutEventSchema.parse(JSON.parse(JSON.stringify(event))));
    expect(rebuildRollout(id, read)).toEqual(state);
    expect(rolloutSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(Number.isFinite(logEvidence(state.comparison.harm))).toBe(true);
  });

  it('has no story without a start', () => {
    for (const story of [[], [outcome('candidate', 1)]]) {
      expect(() => rebuildRollout(id, story)).toThrow(
        expect.toSatisfy((error) => isFault(error, 'ROLLOUT_STORY_INVALID')),
      );
    }
  });
});

it.each([
  [{ incumbent: 'pi@1', candidate: 'pi@1' }, /the candidate is the incumbent/],
  [{ incumbent: 'pi', candidate: 'pi@1' }, /no name@version/],
])('a subject is refused: %o', (keys, message) => {
  const parsed = rolloutSubjectSchema.safeParse({ kind: 'agent', ...keys });
  expect(parsed.error?.issues[0]?.message).toMatch(message);
});
