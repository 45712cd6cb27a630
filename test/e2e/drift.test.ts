import { afterAll, expect, it } from 'vitest';
import type { DriftReport } from '../../src/app/rollout/watch-drift.js';
import { makeUlid } from '../../src/core/ids.js';
import { type DataPointOf, dataPointSchema } from '../../src/core/learning/data-point.js';
import { runCommand } from './run-command.js';
import { createWorld } from './world.js';

// Through the door that a user uses: what was tracked of tasks says which agent fell from its own level.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const drift = (...argv: string[]) => runCommand(world.ports, world.home, ['rollout', 'drift', ...argv]);
afterAll(() => world.close());

const hourMs = 3_600_000;
const november = Date.UTC(2026, 10, 1);
let count = 0;

function pointOf(agent: string, reward: number, at_ms: number): DataPointOf<'outcome'> {
  count += 1;
  const task_id = makeUlid(november, new Uint8Array([count >> 8, count & 255, 0, 0, 0, 0, 0, 0, 0, 0]));
  const shared = {
    task_id,
    at_ms,
    attempt: 1,
    candidate: 0,
    decision_id: null,
    surface: 'code-editing',
    complexity: null,
  };
  const unknown = { first_token_ms: null, tool_calls: null, tool_turns: null, unsupported_claims: null };
  const outcome = {
    ...{ ...shared, ...unknown, context_retained: null, verifier: null, seed: null, prompt: null },
    arm: { agent, version: '1', model: 'm' },
    verdict: reward === 1 ? 'PASS' : 'FAIL',
    reward,
    ...{ cost_micro_usd: 1, latency_ms: 1, input_tokens: 1, output_tokens: 1, turns: 1, revision: 0 },
  };
  const head = { version: 1, step: 9, skew_ms: 0, agent, removed: {}, missing: [], kind: 'outcome' };
  const point = dataPointSchema.parse({ ...head, ...shared, outcome });
  if (point.kind !== 'outcome') throw new Error('it was to be an outcome');
  return point;
}

it('tells which agent fell, by what was tracked, and what is still being learned', async () => {
  expect(await drift()).toMatchObject({ code: 0, out: expect.stringMatching(/nothing was tracked yet/) });
  const eightOfTen = (index: number): number => (index % 10 < 8 ? 1 : 0);
  const points = [
    ...Array.from({ length: 400 }, (_, hour) => pointOf('steady', eightOfTen(hour), november + hour * hourMs)),
    ...Array.from({ length: 400 }, (_, hour) =>
      pointOf('fell', hour < 300 ? eightOfTen(hour) : hour % 10 < 4 ? 1 : 0, november + hour * hourMs),
    ),
    pointOf('fresh', 1, november),
  ];
  const runtime = await world.ports.runtime.open(new AbortController().signal);
  try {
    await runtime.points.write(points.toReversed(), []);
  } finally {
    await runtime.close();
  }
  const { code, out } = await drift('--json');
  expect(code).toBe(1);
  const { arms } = JSON.parse(out) as DriftReport;
  expect(arms.map(({ arm, state, outcomes, alarms }) => [arm, state, outcomes, alarms])).toEqual([
    ['fell@1', 'fell', 400, 1],
    ['steady@1', 'steady', 400, 0],
    ['fresh@1', 'learning', 1, 0],
  ]);
  const at = ((arms[0]?.alarmed_at_ms ?? 0) - november) / hourMs;
  expect(at).toBeGreaterThan(303);
  expect(at).toBeLessThan(360);
  const shown = (await drift('--drop', '0.15')).out;
  expect(shown).toMatch(/fell {5}fell@1 {2}code-editing {2}mean reward 0\.700 of 400 outcomes, last alarm 2026-11-1\d/);
});
