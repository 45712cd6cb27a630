import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { applyEvent } from './apply-event.js';
import { maxFaults } from './go-on.js';
import { decide, nextCommands } from './decide.js';
import { type Task, endStates, isEnded, newTask, taskSchema } from './task.js';
import { type TaskEvent, type TaskEventOf, taskEventSchema } from './task-event.js';

const id = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
const sha = (digit: string): string => digit.repeat(64);
const spend = { micro_usd: 10, input_tokens: 5, output_tokens: 5, turns: 1, wall_ms: 20 };
const reason = { code: 'X', message: 'it went wrong', mend: 'mend it' };

function asked(more: Partial<Task['request']> = {}): Task {
  return newTask(
    id,
    {
      words: 'make it so',
      repository: '/repository',
      spec: null,
      base: null,
      agents: [],
      candidates: 1,
      bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 1_000_000 },
      priority: 500,
      deadline_ms: null,
      dedup_key: null,
      refinements: 2,
      key: null,
      ...more,
    },
    1,
  );
}

const at = { at_ms: 5 };
const admitted: TaskEvent = {
  type: 'task-admitted',
  ...at,
  base: 'b',
  spec_id: 'S-1',
  spec_sha256: sha('a'),
  policy_sha256: null,
};
const planned: TaskEvent = {
  type: 'task-planned',
  ...at,
  chunks: [{ id: 'whole', words: 'w', scope: [], after: [] }],
  by: 'whole',
  spend: { ...spend, micro_usd: 0 },
};
const chosen = (...ladder: string[]): TaskEvent => ({ type: 'worker-chosen', ...at, ladder });
const started = (...agents: string[]): TaskEvent => ({ type: 'work-started', ...at, agents });
const pleaded = (candidate = 0): TaskEvent => ({
  type: 'plea-submitted',
  ...at,
  candidate,
  plea: sha('b'),
  patch: sha('c'),
  worker: { agent: 'a', version: '1', model: 'm' },
  spend,
});
const failed = (then: TaskEventOf<'work-failed'>['then'], candidate = 0): TaskEvent => ({
  type: 'work-failed',
  ...at,
  candidate,
  reason,
  then,
  spend,
});
const examined = (candidate = 0): TaskEvent => ({
  type: 'plea-examined',
  ...at,
  candidate,
  result: 'clean',
  files: 1,
  lines: 2,
  open: [],
});
const deliberating: TaskEvent = { type: 'deliberation-started', ...at };
const reached = (
  outcome: 'PASS' | 'FAIL' | 'WAIVER_REQUIRED',
  more: Partial<TaskEventOf<'verdict-reached'>> = {},
): TaskEvent => ({
  type: 'verdict-reached',
  ...at,
  candidate: 0,
  verdict_id: 'V',
  outcome,
  sha256: sha('d'),
  findings: sha('e'),
  headline: `${outcome}: because`,
  mendable: true,
  cost: 1,
  ...more,
});
const recorded: TaskEvent = { type: 'verdict-recorded', ...at, files: { verdict: '/v', signature: null }, kept: null };

const tell = (task: Task, ...events: TaskEvent[]): Task => events.reduce(applyEvent, task);
const working = (task = asked(), ...ladder: string[]): Task =>
  tell(task, admitted, planned, chosen(...(ladder.length === 0 ? ['a', 'b'] : ladder)), started('a'));
const judged = (task: Task, event: TaskEvent): Task => tell(task, pleaded(), examined(), deliberating, event, recorded);
const next = (task: Task): string[] => nextCommands(task).map((command) => command.do);

describe('a task', () => {
  it('goes from words to an accepted candidate, one command at a time', () => {
    let task = asked();
    const story: [TaskEvent, string][] = [
      [admitted, 'decompose'],
      [planned, 'route'],
      [chosen('a'), 'start-work'],
      [started('a'), 'work'],
      [pleaded(), 'examine'],
      [examined(), 'start-deliberation'],
      [deliberating, 'judge'],
      [reached('PASS'), 'record'],
      [recorded, 'end'],
    ];
    expect(next(task)).toEqual(['admit']);
    for (const [event, command] of story) {
      const decided = decide(task, event);
      task = decided.task;
      expect(decided.commands.map((one) => one.do)).toEqual([command]);
    }
    expect(task).toMatchObject({ state: 'accepted', attempt: 1, spend: { micro_usd: 10 } });
  });

  it('gives a refused candidate back with its findings and its patch, as often as asked, then asks the next agent afresh', () => {
    let task = working();
    for (const round of [1, 2]) {
      task = judged(task, reached('FAIL'));
      expect(task).toMatchObject({ state: 'refining', round, rung: 0, findings: sha('e'), start_patch: sha('c') });
      task = tell(task, started('a'));
    }
    task = judged(task, reached('FAIL'));
    expect(task).toMatchObject({ state: 'escalating', round: 0, rung: 1, findings: null, start_patch: null });
    task = judged(tell(task, started('b')), reached('FAIL', { mendable: false }));
    expect(task).toMatchObject({ state: 'rejected', attempt: 4, reason: { code: 'FAIL' } });
  });

  it('waits for a human where only a human can help, and is judged again on the base that has the answer', () => {
    const waiting = judged(working(), reached('WAIVER_REQUIRED', { mendable: false }));
    expect(waiting).toMatchObject({ state: 'awaiting-waiver', reason: { code: 'WAIVER_REQUIRED' } });
    expect(next(waiting)).toEqual(['rest']);
    const answered = tell(waiting, { type: 'human-answered', ...at, base: 'newer', by: 'ann' });
    expect(answered).toMatchObject({ state: 'pleaded', base: 'newer', verdict: null });
    expect(tell(answered, examined(), deliberating, reached('PASS'), recorded).state).toBe('accepted');
  });

  it('lets a waivable candidate be mended before a human is asked', () => {
    expect(judged(working(), reached('WAIVER_REQUIRED')).state).toBe('refining');
    expect(judged(working(asked({ refinements: 0 })), reached('WAIVER_REQUIRED')).state).toBe('awaiting-waiver');
  });

  it('asks the same agent again after a passing failure, the next after a lasting one, and ends when there is none', () => {
    const busy = tell(working(), failed('retry'));
    expect(busy).toMatchObject({ state: 'routed', rung: 0, faults: 1 });
    let task = busy;
    for (let fault = 1; fault < maxFaults; fault += 1) task = tell(task, started('a'), failed('retry'));
    expect(task).toMatchObject({ state: 'escalating', rung: 1, faults: 0 });
    expect(tell(working(), failed('escalate'))).toMatchObject({ state: 'escalating', rung: 1 });
    expect(tell(working(asked(), 'a'), failed('escalate'))).toMatchObject({ state: 'failed', reason });
  });

  it('ends when a bound is reached, and says which', () => {
    const bounds = { micro_usd: 10, tokens: null, turns: null, wall_ms: 1000 };
    const task = tell(working(asked({ bounds })), failed('escalate'));
    expect(task).toMatchObject({ state: 'failed', reason: { code: 'BOUND_REACHED' } });
    expect(task.reason?.message).toContain('money');
    const refused = judged(working(asked({ bounds })), reached('FAIL'));
    expect(refused.state).toBe('rejected');
  });

  it('judges every candidate and lets the best verdict count', () => {
    const task = tell(asked({ candidates: 3 }), admitted, planned, chosen('a'), started('a', 'b', 'c'));
    expect(next(task)).toEqual(['work', 'work', 'work']);
    const all = tell(task, pleaded(0), failed('escalate', 1), pleaded(2), examined(0), examined(2), deliberating);
    expect(nextCommands(all)).toEqual([
      { do: 'judge', candidate: 0 },
      { do: 'judge', candidate: 2 },
    ]);
    const verdict = tell(all, reached('FAIL'), reached('PASS', { candidate: 2, verdict_id: 'W' }));
    expect(verdict).toMatchObject({ state: 'verdict', chosen: 2, verdict: { id: 'W', outcome: 'PASS' } });
  });

  it('hands an infeasible plea and a wish for more scope to a human, who may change the spec', () => {
    const asking = tell(working(), {
      type: 'amendment-requested',
      ...at,
      candidate: 0,
      paths: ['lib'],
      why: 'the function lives there',
      spend,
    });
    expect(asking).toMatchObject({ state: 'awaiting-amendment', reason: { code: 'AMENDMENT_REQUESTED' } });
    const answered = tell(asking, { type: 'human-answered', ...at, base: 'newer', by: 'ann' });
    expect(answered).toMatchObject({ state: 'submitted', base: 'newer', ladder: [], candidates: [] });
  });

  it('survives passing faults, and fails after too many', () => {
    const fault: TaskEvent = { type: 'fault-raised', ...at, stage: 'judge', reason, again: true };
    let task = asked();
    for (let count = 1; count < maxFaults; count += 1) task = applyEvent(task, fault);
    expect(task.state).toBe('submitted');
    expect(applyEvent(task, fault)).toMatchObject({ state: 'failed', reason });
    expect(applyEvent(asked(), { ...fault, again: false }).state).toBe('failed');
  });
});

const text = fc.constantFrom('a', 'b', 'whole');
const digest = fc.constantFrom(sha('a'), sha('b'));
const small = fc.nat({ max: 3 });
const someSpend = fc.record({
  micro_usd: small,
  input_tokens: small,
  output_tokens: small,
  turns: small,
  wall_ms: small,
});
const someReason = fc.constant(reason);
const candidate = fc.nat({ max: 2 });
const when = { at_ms: fc.nat() };
const anyEvent: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.constantFrom(
    admitted,
    planned,
    chosen('a'),
    chosen('a', 'b'),
    started('a'),
    started('a', 'b'),
    deliberating,
    recorded,
  ),
  fc.record({ type: fc.constant('admission-refused' as const), ...when, reason: someReason }),
  fc.record({ type: fc.constant('no-worker-found' as const), ...when, reason: someReason }),
  fc.record({
    type: fc.constant('plan-proposed' as const),
    ...when,
    candidate,
    plan: digest,
    files: small,
    lines: small,
    spend: someSpend,
  }),
  fc.record({
    type: fc.constant('plan-refused' as const),
    ...when,
    candidate,
    findings: digest,
    headline: text,
    spend: someSpend,
  }),
  fc.record({
    type: fc.constant('chunk-finished' as const),
    ...when,
    candidate,
    chunk: text,
    patch: digest,
    plea: digest,
    spend: someSpend,
  }),
  candidate.map((index) => pleaded(index)),
  fc
    .tuple(fc.constantFrom('retry', 'refine', 'escalate', 'ask-human' as const), candidate)
    .map(([then, index]) => failed(then as 'retry', index)),
  fc.record({
    type: fc.constant('infeasibility-pleaded' as const),
    ...when,
    candidate,
    clause: text,
    evidence: text,
    spend: someSpend,
  }),
  candidate.map((index) => examined(index)),
  fc
    .tuple(fc.constantFrom('PASS', 'FAIL', 'WAIVER_REQUIRED' as const), candidate, fc.boolean())
    .map(([outcome, index, mendable]) => reached(outcome as 'PASS', { candidate: index, mendable })),
  fc.record({ type: fc.constant('human-answered' as const), ...when, base: text, by: text }),
  fc.record({ type: fc.constant('task-taken-over' as const), ...when, executor: text }),
  fc.record({
    type: fc.constant('fault-raised' as const),
    ...when,
    stage: text,
    reason: someReason,
    again: fc.boolean(),
  }),
);
const lastEvents: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.record({ type: fc.constant('deadline-passed' as const), ...when }),
  fc.record({ type: fc.constant('task-cancelled' as const), ...when, by: text }),
);
const story = fc.array(fc.oneof({ weight: 60, arbitrary: anyEvent }, { weight: 1, arbitrary: lastEvents }), {
  maxLength: 60,
});

describe('laws of decide', () => {
  test.prop([story])('total: any event anywhere gives a task of the schema and something to do', (events) => {
    let task = asked();
    for (const event of events) {
      expect(taskEventSchema.safeParse(event).success).toBe(true);
      const decided = decide(task, event);
      expect(taskSchema.safeParse(decided.task).success).toBe(true);
      expect(decided.commands.length).toBeGreaterThan(0);
      task = decided.task;
    }
  });

  test.prop([story, story])('ends absorb', (before, after) => {
    const ended = tell(tell(asked(), ...before), { type: 'task-cancelled', ...at, by: 'ann' });
    expect(endStates).toContain(ended.state);
    expect(tell(ended, ...after)).toEqual(ended);
  });

  test.prop([story])('replaying the events gives the same task and the same commands', (events) => {
    const once = tell(asked(), ...events);
    const again = tell(asked(), ...(JSON.parse(JSON.stringify(events)) as TaskEvent[]));
    expect(again).toEqual(once);
    expect(nextCommands(again)).toEqual(nextCommands(once));
  });

  test.prop([story])('nothing that was spent is forgotten, and money never flows back', (events) => {
    let task = asked();
    for (const event of events) {
      const before = task;
      task = applyEvent(task, event);
      expect(task.spend.micro_usd).toBeGreaterThanOrEqual(before.spend.micro_usd);
      if (!isEnded(before.state) && before.state !== task.state && 'spend' in event) {
        expect(task.spend.micro_usd).toBe(before.spend.micro_usd + event.spend.micro_usd);
      }
    }
  });

  test.prop([story])('attempts are bounded by agents, rounds and faults', (events) => {
    const task = tell(asked(), ...events);
    const answers = events.filter((event) => event.type === 'human-answered').length + 1;
    expect(task.attempt).toBeLessThanOrEqual(answers * 2 * (2 + maxFaults) * 3);
  });
});
