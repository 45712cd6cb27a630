import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { RoutePlan } from '../routing/plan.js';
import { plan, rejected, request, start, told } from '../tasks/fixtures/routed.js';
import type { TaskEvent } from '../tasks/task-event.js';
import type { Outcome } from './outcome.js';
import { rewardOf } from './reward.js';
import { doneIn, wordsOf } from './words.js';

const race: RoutePlan = { kind: 'race', agents: ['a', 'b'] };
const task = start(request({ refinements: 3 }));
const words = (events: readonly TaskEvent[], late: readonly Outcome[] = []) =>
  wordsOf(doneIn(task, events, late, (verdict) => rewardOf(verdict, 'code-editing')));
const deliberation: TaskEvent = { type: 'deliberation-started', at_ms: 1 };

/** An attempt from its start to a verdict that is written down. */
const attempt = (agent: string, outcome: 'PASS' | 'FAIL' | 'WAIVER_REQUIRED', mendable = false): TaskEvent[] => [
  told.started(agent),
  told.pleaded(0),
  told.examined(0),
  deliberation,
  { ...told.verdict(0, outcome), mendable } as TaskEvent,
  told.recorded(),
];
const failed = (code: string, then: 'retry' | 'escalate'): TaskEvent =>
  ({
    ...told.failed(0),
    reason: { code, message: 'it broke', mend: 'none' },
    then,
  }) as TaskEvent;

const late = (more: Partial<Outcome>): Outcome => ({
  decision_id: plan(1),
  task_id: task.id,
  attempt: 1,
  candidate: 0,
  arm: { agent: 'a', version: '1', model: 'm' },
  surface: 'code-editing',
  complexity: 'standard',
  verdict: 'FAIL',
  reward: 0,
  cost_micro_usd: 77,
  latency_ms: 9,
  first_token_ms: null,
  input_tokens: 0,
  output_tokens: 0,
  turns: 1,
  tool_calls: null,
  tool_turns: null,
  unsupported_claims: null,
  context_retained: null,
  verifier: null,
  seed: null,
  prompt: null,
  at_ms: 99,
  revision: 1,
  ...more,
});

describe('words', () => {
  const cascade = told.chosen({ kind: 'cascade', steps: ['a', 'b'], stop_below: 0 }, plan(1));
  const story = [
    cascade,
    ...attempt('a', 'FAIL', true),
    ...attempt('a', 'FAIL'),
    told.reviewed(['b'], 'b', 'worth-it'),
    ...attempt('b', 'WAIVER_REQUIRED'),
    told.answered(4000),
    told.examined(0, 4500),
    deliberation,
    told.verdict(0, 'PASS', 5000),
  ];

  it('tell what each agent did under each decision, and count what took whose place', () => {
    expect(words(story)).toMatchObject([
      { decisionId: plan(1), agent: 'a', verdict: 'FAIL', reward: 0, revision: 2, costMicroUsd: 20 },
      { decisionId: plan(1), agent: 'b', verdict: 'PASS', reward: 1, revision: 2, costMicroUsd: 10 },
    ]);
    expect(words(story.slice(0, -1))).toMatchObject([{}, { verdict: 'WAIVER_REQUIRED', reward: 0.4, revision: 1 }]);
  });

  it('are those of the verdict, however the worker praised itself', () => {
    // A plea says that the work is done; told.pleaded is one.
    const [word] = words([told.chosen({ kind: 'single', agent: 'a' }, plan(1)), told.started('a'), ...rejected(0)]);
    expect(word).toMatchObject({ verdict: 'FAIL', reward: 0 });
  });

  it('have no word of named agents, and none of a verdict where there was none', () => {
    expect(words([told.named('a'), ...attempt('a', 'PASS')])).toEqual([]);
    const lost = [told.chosen(race, plan(2)), told.started('a', 'b'), told.cancelled(1, 0, 3)];
    expect(words(lost)).toMatchObject([
      { verdict: null, reward: null },
      { agent: 'b', verdict: null, reward: null, costMicroUsd: 3 },
    ]);
  });

  it('leave what was said before a failure of this machine as it was, and say nothing of one alone', () => {
    const chosen = told.chosen({ kind: 'single', agent: 'a' }, plan(1));
    const broken = [told.started('a'), failed('CLONE_LOST', 'escalate')];
    expect(words([chosen, ...attempt('a', 'FAIL', true), ...broken])).toMatchObject([
      { verdict: 'FAIL', reward: 0, failure: 'CLONE_LOST', revision: 2 },
    ]);
    expect(words([chosen, ...broken])).toMatchObject([{ verdict: 'FAULT', reward: null, revision: 1 }]);
    expect(words([chosen, told.started('a'), failed('AGENT_FAILED', 'escalate')])).toMatchObject([
      { verdict: 'FAULT', reward: 0, revision: 1 },
    ]);
  });

  it('are revised by what comes late on the execution that had the word, and else only in what it cost', () => {
    const [a, b] = words(story, [late({ attempt: 3, arm: { agent: 'b', version: '1', model: '' }, revision: 2 })]);
    expect([a?.verdict, b]).toMatchObject(['FAIL', { verdict: 'FAIL', reward: 0, costMicroUsd: 77, revision: 3 }]);
    const [first] = words(story, [late({ attempt: 1, verdict: 'PASS', reward: 1 })]);
    expect(first).toMatchObject({ verdict: 'FAIL', reward: 0, costMicroUsd: 87, revision: 3 });
    // The story has said more since: its own word of the same number counts, and the late one is still counted.
    const [, overtaken] = words(story, [late({ attempt: 3, revision: 1 })]);
    expect(overtaken).toMatchObject({ verdict: 'PASS', revision: 3 });
  });

  const verdict = fc.constantFrom('PASS', 'FAIL', 'WAIVER_REQUIRED');
  test.prop([fc.array(verdict, { minLength: 1, maxLength: 4 }), fc.array(fc.nat({ max: 4 }), { maxLength: 4 })])(
    'only grow: more of the story or more from outside never has fewer revisions',
    (verdicts, lates) => {
      const whole = [
        told.chosen({ kind: 'single', agent: 'a' }, plan(1)),
        ...verdicts.flatMap((one) => attempt('a', one === 'PASS' ? 'FAIL' : one, true)),
      ];
      let before = 0;
      for (let length = 2; length <= whole.length; length += 1) {
        const revision = words(whole.slice(0, length))[0]?.revision ?? 0;
        expect(revision).toBeGreaterThanOrEqual(before);
        before = revision;
      }
      for (let count = 1; count <= lates.length; count += 1) {
        const some = lates.slice(0, count).map((n, index) => late({ attempt: 1, revision: n + index + 1 }));
        expect(words(whole, some)[0]?.revision).toBe(before + count);
      }
    },
  );
});
