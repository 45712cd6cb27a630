import { describe, expect, it } from 'vitest';
import { plan, told, work } from './fixtures/routed.js';
import { readDecision } from './steps-of-decision.js';
import type { TaskEvent } from './task-event.js';

const busy = { class: 'rate-limit', status: 429, code: null, retry_after_ms: 5 } as const;
const failed = { ...told.failed(0), fault: busy } as TaskEvent;

describe('what a story says of a decision', () => {
  it('is the last verdict and the last fault of each agent, and each look at the rest of its cascade', () => {
    const story = [
      told.chosen({ kind: 'cascade', steps: ['a', 'b', 'c'], stop_below: 0 }, plan(1)),
      ...work('a', 'FAIL', 1000),
      told.reviewed(['b', 'c'], 'b', 'worth-it'),
      told.started('b'),
      failed,
      told.reviewed(['c'], null, 'money'),
      told.chosen({ kind: 'single', agent: 'd' }, plan(2)),
      told.started('d'),
      failed,
      ...work('d', 'PASS', 2000),
    ];
    expect(readDecision(story, plan(1))).toMatchObject({
      steps: [
        { agent: 'a', verdict: 'FAIL', fault: null },
        { agent: 'b', verdict: null, fault: busy },
      ],
      reviews: [{ next: 'b' }, { next: null }],
    });
    // A fault that was got over is none.
    expect(readDecision(story, plan(2))).toEqual({
      steps: [{ agent: 'd', verdict: 'PASS', fault: null }],
      reviews: [],
    });
    expect(readDecision(story, plan(3))).toEqual({ steps: [], reviews: [] });
  });
});
