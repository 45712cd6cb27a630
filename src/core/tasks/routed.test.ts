import { describe, expect, it } from 'vitest';
import { rejected, request, start, tell, told } from './fixtures/routed.js';
import type { RoutePlan } from '../routing/plan.js';
import { nextCommands } from './decide.js';
import type { TaskEvent } from './task-event.js';

const race: RoutePlan = { kind: 'race', agents: ['a', 'b'] };

describe('a race', () => {
  const begun = tell(start(), told.chosen(race), told.started('a', 'b'));

  it('takes each candidate its own way, and stops the others at the first PASS', () => {
    const judged = tell(begun, told.pleaded(0), told.examined(0));
    expect(nextCommands(judged)).toEqual([
      { do: 'judge', candidate: 0 },
      { do: 'work', candidate: 1 },
    ]);
    const won = tell(judged, told.verdict(0, 'PASS'));
    expect(won.state).toBe('working');
    expect(nextCommands(won)).toEqual([{ do: 'cancel', candidate: 1 }]);
    const over = tell(won, told.cancelled(1, 0, 30));
    expect(over).toMatchObject({ state: 'verdict', chosen: 0, spend: { micro_usd: 10 + 30 } });
    expect(over.candidates[1]?.failure?.reason.code).toBe('RACE_LOST');
  });

  it('goes on after a FAIL, and ends with the best of what there is: no third agent is asked', () => {
    const failed = tell(begun, told.pleaded(0), told.examined(0), told.verdict(0, 'FAIL'));
    expect(failed.state).toBe('working');
    const both = tell(failed, told.pleaded(1), told.examined(1), told.verdict(1, 'FAIL'), told.recorded());
    expect(both).toMatchObject({ state: 'rejected', reason: { code: 'FAIL' } });
  });

  it('whose candidates all broke down is followed by another decision', () => {
    const broken = tell(begun, told.failed(0), told.failed(1));
    expect(broken).toMatchObject({ state: 'planned', routing: { tried: ['a', 'b'], next: { cause: 'fallback' } } });
  });

  it('owes also what a loser had spent when the news of it comes late', () => {
    const ended = tell(begun, told.pleaded(0), told.examined(0), told.verdict(0, 'PASS'), told.cancelled(1, 0, 5));
    expect(tell(ended, told.cancelled(1, 0, 7)).spend.micro_usd).toBe(ended.spend.micro_usd + 7);
  });
});

describe('a single choice', () => {
  const chosen = (agent: string) => tell(start(), told.chosen({ kind: 'single', agent }), told.started(agent));

  it('that fails is a fallback, one that is refused an escalation; whoever was tried is remembered', () => {
    expect(tell(chosen('a'), told.failed(0)).routing?.next).toEqual({ cause: 'fallback', end: 'failed' });
    const refused = tell(chosen('a'), ...rejected(0));
    expect(refused).toMatchObject({ state: 'planned', routing: { tried: ['a'], next: { cause: 'escalation' } } });
    expect(tell(refused, told.nobody())).toMatchObject({ state: 'rejected', reason: { code: 'FAIL' } });
  });

  it('is followed by so many others and no more', () => {
    let task = start();
    for (const agent of ['a', 'b', 'c', 'd']) {
      task = tell(task, told.chosen({ kind: 'single', agent }), told.started(agent), told.failed(0));
    }
    expect(task).toMatchObject({ state: 'failed', routing: { decisions: 4 } });
  });

  it('is handed the parts that another had finished, only where its work-started says so', () => {
    const died = tell(chosen('a'), told.part(0, 'one'), told.failed(0), told.chosen({ kind: 'single', agent: 'b' }));
    expect(tell(died, told.started('b')).candidates[0]?.chunks).toEqual([]);
    const resumed = tell(died, { ...told.started('b'), resumes: true });
    expect(resumed.candidates[0]?.chunks.map(({ id }) => id)).toEqual(['one']);
  });
});

it('asks a cascade rung by rung, and nobody after its last refusal', () => {
  const steps = tell(start(), told.chosen({ kind: 'cascade', steps: ['a', 'b'], stop_below: 0 }), told.started('a'));
  const second = tell(steps, ...rejected(0));
  expect(second).toMatchObject({ state: 'escalating', rung: 1 });
  expect(tell(second, told.started('b'), ...rejected(0))).toMatchObject({ state: 'rejected' });
});

describe('a cascade that was refused', () => {
  const plan3: RoutePlan = { kind: 'cascade', steps: ['a', 'b', 'c'], stop_below: 0.1 };
  const begun = tell(start(), told.chosen(plan3), told.started('a'));
  const refused = tell(begun, ...rejected(0));

  it('is looked at again before each further step, once', () => {
    expect(nextCommands(refused)).toEqual([{ do: 'review' }]);
    const second = tell(refused, told.reviewed(['b', 'c'], 'b', 'worth-it'));
    expect(second).toMatchObject({ state: 'escalating', rung: 1 });
    expect(nextCommands(second)).toEqual([{ do: 'start-work' }]);
    const third = tell(second, told.started('b'), ...rejected(0));
    expect(nextCommands(third)).toEqual([{ do: 'review' }]);
  });

  it('passes over steps that are worth less, and knows no step that it has not', () => {
    expect(tell(refused, told.reviewed(['b', 'c'], 'c', 'worth-it'))).toMatchObject({ state: 'escalating', rung: 2 });
    expect(tell(refused, told.reviewed(['b', 'c'], 'x', 'worth-it'))).toBe(refused);
    expect(tell(begun, told.reviewed(['b', 'c'], 'b', 'worth-it'))).toBe(begun);
  });

  it('stops with a reason of its own, and says what was found before', () => {
    const stopped = tell(refused, told.reviewed(['b', 'c'], null, 'not-worth-it'));
    expect(stopped).toMatchObject({ state: 'rejected', reason: { code: 'CASCADE_STOPPED' } });
    expect(stopped.reason?.message).toBe(
      'FAIL; the cascade stops before b, c: the best of them is b, success 10.0 % by what is known now, worth $0.5000 from 20.0 % on',
    );
    const short = tell(refused, told.reviewed(['b', 'c'], null, 'money'));
    expect(short.reason?.message).toContain('b is not asked: $0.5000 is more than the $0.1000 that are left');
    expect(short.reason?.mend).toContain('--budget-usd');
  });

  it('stops after a fault with another decision: the router may know somebody who can be afforded', () => {
    const broken = tell(begun, told.failed(0));
    expect(nextCommands(broken)).toEqual([{ do: 'review' }]);
    const stopped = tell(broken, told.reviewed(['b', 'c'], null, 'money'));
    expect(stopped).toMatchObject({ state: 'planned', routing: { next: { cause: 'fallback', end: 'failed' } } });
    expect(tell(stopped, told.nobody())).toMatchObject({ state: 'failed', reason: { code: 'CASCADE_STOPPED' } });
  });
});

describe('a retry', () => {
  const gone = { ...told.failed(0), then: 'escalate', unretried: { retries: 10, tasks: 42 } } as TaskEvent;

  it('that is not to be had is an end with a name, or another decision', () => {
    const named = tell(start(request({ agents: ['a'] })), told.named('a'), told.started('a'), gone);
    expect(named).toMatchObject({ state: 'failed', reason: { code: 'RETRIES_SPENT' } });
    expect(named.reason?.message).toContain('it died; not asked again: 10 retries to 42 tasks');
    const routed = tell(start(), told.chosen({ kind: 'single', agent: 'a' }), told.started('a'), gone);
    expect(routed).toMatchObject({ state: 'planned', routing: { next: { cause: 'fallback' } } });
    expect(tell(routed, told.nobody())).toMatchObject({ state: 'failed', reason: { code: 'RETRIES_SPENT' } });
    // The agent's own failure is what is learned from.
    expect(named.candidates[0]?.failure?.reason.code).toBe('AGENT_FAILED');
  });
});

it('replays stories of named agents as before: no routing, the ladder to its end', () => {
  const task = tell(start(request({ agents: ['a', 'b'] })), told.named('a', 'b'), told.started('a'), ...rejected(0));
  expect(task).toMatchObject({ state: 'escalating', rung: 1 });
  expect(task.routing).toBeUndefined();
  expect(tell(task, told.started('b'), ...rejected(0))).toMatchObject({ state: 'rejected' });
});
