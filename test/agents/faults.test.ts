import { afterEach, describe, expect, it } from 'vitest';
import type { WorkNews } from '../../src/ports/worker.js';
import { faultOf } from '../workers/fault-of.js';
import { lacking, processesOfLane, type RealAgent, realAgents, type Stage, setStage } from './lane.js';

const stages: Stage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.leave();
  expect(processesOfLane()).toEqual([]);
});

const never = new AbortController().signal;
const edit = { edit: { path: 'src/new.js', text: 'export const two = 2;\n' } };
const answer = { say: '```json\n{"rationale": {"summary": "adds two"}}\n```' };
const scripts = [{ steps: [edit, answer] }];

const named = (program: string, kind: string): RealAgent => {
  const found = realAgents.find((one) => one.program === program && one.kind === kind);
  if (found === undefined) throw new Error(`${program} is not in the lane`);
  return found;
};
/** One by its command line and one by the protocol; both of the slower kind that retries for itself. */
const both = [named('pi', 'cli'), named('claude', 'acp')];

describe.skipIf(lacking !== null)('a real agent meets with trouble', () => {
  it.each([...both, named('codex', 'cli')])(
    '$program ($kind) waits for a busy endpoint, and goes on',
    async (agent) => {
      const stage = await setStage(agent, {
        scripts,
        fault: (ordinal) => (ordinal < 2 ? { kind: 'status', status: 429, retryAfter: '1' } : null),
      });
      stages.push(stage);
      const { patch, spend } = await stage.worker.work(stage.assignment('Add two.'), stage.tell, never);
      expect(Buffer.from(patch).toString()).toContain('+export const two = 2;');
      // refusals are not paid for
      expect(spend.turns).toBeLessThanOrEqual(stage.server.requests.length - 2);
    },
  );

  it.each(both)('$program ($kind) is told from its key when that is refused', async (agent) => {
    const stage = await setStage(agent, { scripts, fault: () => ({ kind: 'status', status: 401 }) });
    stages.push(stage);
    const fault = await faultOf(stage.worker.work(stage.assignment('Add two.'), stage.tell, never));
    expect(fault.code).toBe('AGENT_REFUSED_KEY');
    expect(fault.spend.micro_usd).toBe(0);
  });

  it.each(both)('$program ($kind) is ended within two seconds of a cancel', async (agent) => {
    const cancel = new AbortController();
    let began = 0;
    const stage = await setStage(agent, {
      scripts,
      fault(_ordinal, { tools }) {
        // agents ask small things beside their work; the one with tools is the work
        if (tools.length > 0 && began === 0) {
          began = performance.now();
          cancel.abort();
        }
        return { kind: 'delay', ms: 30_000 };
      },
    });
    stages.push(stage);
    const fault = await faultOf(stage.worker.work(stage.assignment('Add two.'), stage.tell, cancel.signal));
    expect(fault.code).toBe('AGENT_CANCELLED');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it.each(both)('$program ($kind) is stopped inside the run when its money is spent', async (agent) => {
    const stage = await setStage(agent, {
      scripts: [{ steps: Array.from({ length: 20 }, () => ({ run: 'echo again' })) }],
      usage: { input: 1000, output: 500 },
    });
    stages.push(stage);
    const assignment = stage.assignment('Add two.', { bounds: { micro_usd: 7000 } });
    const fault = await faultOf(stage.worker.work(assignment, stage.tell, never));
    expect(fault.code).toBe('BOUND_REACHED');
    expect(fault.spend).toMatchObject({ turns: 4, micro_usd: 8000 });
    expect(stage.server.requests).toHaveLength(4);
  });

  it('pi (cli) writes outside the scope in vain', async () => {
    const outside = { edit: { path: 'lib/other.js', text: 'taken over\n' } };
    const stage = await setStage(named('pi', 'cli'), {
      scripts: [{ steps: [outside, { run: 'echo taken >> lib/other.js; rm -f lib/other.js' }, edit, answer] }],
    });
    stages.push(stage);
    const { patch } = await stage.worker.work(stage.assignment('Add two.'), stage.tell, never);
    expect(Buffer.from(patch).toString()).toContain('src/new.js');
    expect(Buffer.from(patch).toString()).not.toContain('lib/other.js');
    expect(stage.server.requests.some(({ lastResult }) => /EROFS|read-only/i.test(lastResult))).toBe(true);
  });

  it('opencode (acp) is refused a write outside the scope when it asks for it', async () => {
    const outside = { edit: { path: 'lib/other.js', text: 'taken over\n' } };
    const stage = await setStage(named('opencode', 'acp'), {
      scripts: [{ steps: [{ read: 'lib/other.js' }, outside] }],
    });
    stages.push(stage);
    const fault = await faultOf(stage.worker.work(stage.assignment('Add two.'), stage.tell, never));
    expect(fault.code).toBe('NOTHING_EDITED');
    const refused = stage.news.filter((one: WorkNews) => one.kind === 'refused').map(({ text }) => text);
    expect(refused).toEqual([expect.stringContaining('lib/other.js may not be written')]);
  });

  it('pi (cli) asks again when an answer broke off, and what broke off is paid for', async () => {
    const stage = await setStage(named('pi', 'cli'), {
      scripts,
      fault: (ordinal) => (ordinal === 0 ? { kind: 'cut', afterEvents: 1 } : null),
    });
    stages.push(stage);
    const { patch, spend } = await stage.worker.work(stage.assignment('Add two.'), stage.tell, never);
    expect(Buffer.from(patch).toString()).toContain('+export const two = 2;');
    expect(spend.turns).toBe(stage.server.requests.length);
  });

  it('pi (cli) ends with 0 at an answer that is no JSON: a fault all the same, in its own words', async () => {
    const stage = await setStage(named('pi', 'cli'), { scripts, fault: () => ({ kind: 'malformed' }) });
    stages.push(stage);
    const fault = await faultOf(stage.worker.work(stage.assignment('Add two.'), stage.tell, never));
    expect(fault).toMatchObject({ code: 'AGENT_FAILED', message: expect.stringContaining('not valid JSON') });
  });
});
