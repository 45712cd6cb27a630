import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createCliWorker } from '../../src/adapters/workers/cli/cli-worker.js';
import { WorkFault } from '../../src/core/tasks/work-fault.js';
import type { WorkNews, Worker } from '../../src/ports/worker.js';
import { faultOf } from './fault-of.js';
import { type FakeHouse, openFakeHouse } from './fake-room.js';
import { assignmentOf, profileOf } from './give-work.js';

const toyFile = fileURLToPath(new URL('fixtures/toy-cli.mjs', import.meta.url));
/** The toy speaks as Claude Code does, so it is driven as that. */
const toy = profileOf({
  program: 'claude',
  command: [toyFile],
  endpoint: { protocol: 'anthropic', base_url: 'https://models.invalid/v1' },
});

function atWork(files?: Readonly<Record<string, string>>): {
  house: FakeHouse;
  worker: Worker;
  news: WorkNews[];
  tell: (one: WorkNews) => void;
} {
  const house = openFakeHouse(files);
  house.baseUrl = 'http://127.0.0.1:1/v1';
  const news: WorkNews[] = [];
  return {
    house,
    worker: createCliWorker({ enterRoom: house.enterRoom, path: '' }),
    news,
    tell: (one) => void news.push(one),
  };
}

const never = new AbortController().signal;

describe('the cli worker', () => {
  it('hands in what was measured, the rationale, who worked and a transcript', async () => {
    const { house, worker, news, tell } = atWork();
    const answer = JSON.stringify({ rationale: { summary: 'a better text', risks: ['none'] } });
    const text = `say I begin\nwrite a.txt edited\nsay Done.\\n\`\`\`json\\n${answer}\\n\`\`\``;
    const submission = await worker.work(assignmentOf(toy, text), tell, never);
    expect(Buffer.from(submission.patch).toString()).toContain('+edited');
    expect(submission.rationale).toMatchObject({ summary: 'a better text', risks: ['none'] });
    expect(submission.outcome).toEqual({ kind: 'change' });
    expect(submission.worker).toEqual({ agent: 'toy', version: '1.2.3', model: 'mock' });
    expect(news.slice(0, 2)).toEqual([
      { kind: 'message', text: 'I begin' },
      { kind: 'file', text: 'a.txt' },
    ]);
    const lines = Buffer.from(submission.transcript).toString().trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
      'opening',
      'message',
      'file',
      'message',
    ]);
    expect(house.rooms[0]?.isClosed()).toBe(true);
  });

  it('reads a plan, and refuses one that cannot be read with what was spent', async () => {
    const { house, worker, tell } = atWork();
    const plan = JSON.stringify({ approach: 'small', files: [{ path: 'a.txt', lines: 2 }] });
    const proposed = await worker.plan(assignmentOf(toy, `say \`\`\`json\\n${plan}\\n\`\`\``), tell, never);
    expect(proposed.plan).toMatchObject({ spec_id: 'S-1', files: [{ path: 'a.txt', lines: 2 }] });
    expect(house.visits[0]?.mode).toBe('plan');
    const fault = await faultOf(worker.plan(assignmentOf(toy, 'say I would edit a file.'), tell, never));
    expect(fault).toMatchObject({ code: 'PLAN_UNREADABLE', spend: { turns: 0 } });
    expect(fault.message).toContain('I would edit a file.');
  });

  it('knows that an exit code of 0 is no edit', async () => {
    const { worker, tell } = atWork();
    expect(await faultOf(worker.work(assignmentOf(toy, 'say All done!'), tell, never))).toMatchObject({
      code: 'NOTHING_EDITED',
      message: 'toy ended without an edit: it said "All done!"',
    });
  });

  it('knows that nothing was added to the change that was there', async () => {
    const { worker, tell } = atWork();
    const text = 'write a.txt edited';
    const { patch } = await worker.work(assignmentOf(toy, text), tell, never);
    const again = assignmentOf(toy, text, { startPatch: patch });
    expect((await faultOf(worker.work(again, tell, never))).code).toBe('NOTHING_EDITED');
  });

  it('takes the honest exit without an edit', async () => {
    const { worker, tell } = atWork();
    const answer = JSON.stringify({ infeasible: { clause: 'A1', evidence: 'there is no such file' } });
    const { outcome, patch } = await worker.work(assignmentOf(toy, `say \`\`\`json\\n${answer}\\n\`\`\``), tell, never);
    expect(outcome).toEqual({ kind: 'infeasible', clause: 'A1', evidence: 'there is no such file' });
    expect(patch).toHaveLength(0);
  });

  it('tells the last words of an agent that failed, clean and without the token', async () => {
    const { house, worker, tell } = atWork();
    const text = 'complain one\ncomplain \u001b[31mmy key is TOKEN\u001b[0m\nexit 3';
    const fault = await faultOf(worker.work(assignmentOf(toy, text), tell, never));
    expect(fault.code).toBe('AGENT_FAILED');
    expect(fault.message).toBe('toy ended with 3: one | my key is [token]');
    expect(house.rooms[0]?.isClosed()).toBe(true);
  });

  it('believes an agent that says it failed and exits with 0', async () => {
    const { worker, tell } = atWork();
    const fault = await faultOf(
      worker.work(assignmentOf(toy, 'write a.txt half\nfail out of ideas\nexit 0'), tell, never),
    );
    expect(fault).toMatchObject({ code: 'AGENT_FAILED' });
    expect(fault.message).toContain('out of ideas');
  });

  it('tells what the endpoint did when the agent came to nothing by it', async () => {
    const { house, worker, tell } = atWork();
    const spend = { micro_usd: 5, input_tokens: 1, output_tokens: 1, turns: 1, wall_ms: 1 };
    house.trouble = new WorkFault('ENDPOINT_BUSY', 'it answered 429', { mend: 'wait', spend, retryAfterMs: 7000 });
    for (const text of ['exit 1', 'say nothing came of it']) {
      const fault = await faultOf(worker.work(assignmentOf(toy, text), tell, never));
      expect(fault).toMatchObject({ code: 'ENDPOINT_BUSY', retryAfterMs: 7000, spend });
    }
  });

  it('ends an agent that ignores SIGTERM within two seconds of a cancel', async () => {
    const { house, worker, tell } = atWork();
    const cancel = new AbortController();
    let began = 0;
    const work = worker.work(
      assignmentOf(toy, 'say here I stay\nstay'),
      (one) => {
        tell(one);
        if (one.kind !== 'message') return;
        began = performance.now();
        cancel.abort();
      },
      cancel.signal,
    );
    expect((await faultOf(work)).code).toBe('AGENT_CANCELLED');
    expect(performance.now() - began).toBeLessThan(2000);
    expect(house.rooms[0]?.isClosed()).toBe(true);
  });

  it('ends an agent whose key is refused again and again', async () => {
    const { house, worker, tell } = atWork();
    const spend = { micro_usd: 0, input_tokens: 0, output_tokens: 0, turns: 0, wall_ms: 1 };
    house.trouble = new WorkFault('AGENT_REFUSED_KEY', 'it answered 401', { mend: 'set it', spend });
    const began = performance.now();
    expect((await faultOf(worker.work(assignmentOf(toy, 'stay'), tell, never))).code).toBe('AGENT_REFUSED_KEY');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('stops inside the run when a bound is reached', async () => {
    const { house, worker } = atWork();
    const work = worker.work(
      assignmentOf(toy, 'say spending\nstay', { bounds: { micro_usd: 100 } }),
      () => {
        house.rooms[0]?.spend({ micro_usd: 120, turns: 1 });
      },
      never,
    );
    expect(await faultOf(work)).toMatchObject({ code: 'BOUND_REACHED', spend: { micro_usd: 120 } });
  });

  it('passes over lines that are no JSON, and takes a prompt of megabytes', async () => {
    const { worker, tell } = atWork();
    const text = `raw warning: {not json\nraw []\nwrite a.txt x\n${'# filler\n'.repeat(300_000)}`;
    const submission = await worker.work(assignmentOf(toy, text), tell, never);
    expect(Buffer.from(submission.patch).toString()).toContain('+x');
  });

  it('says what is missing before a room is opened', async () => {
    const { house, worker, tell } = atWork();
    const endpoint = { protocol: 'openai-chat', base_url: 'https://models.invalid/v1' };
    for (const [agent, said] of [
      [profileOf({ program: 'pi', endpoint }), 'pi is not in the folders of PATH'],
      [profileOf({ program: 'nobody', endpoint }), "'nobody' is no program that is known"],
      [profileOf({ program: 'codex', endpoint }), 'codex speaks openai-responses'],
      [profileOf({ program: 'pi' }), 'no endpoint'],
      [profileOf({}), 'neither a known program nor a command line'],
    ] as const)
      await expect(worker.work(assignmentOf(agent, 'x'), tell, never)).rejects.toMatchObject({
        code: 'AGENT_MISSING',
        message: expect.stringContaining(said),
      });
    expect(house.visits).toEqual([]);
  });

  it('runs any program by its command line', async () => {
    const { worker, tell } = atWork();
    const command = [
      process.execPath,
      '-e',
      'require("fs").writeFileSync("a.txt", process.argv[1]); console.log("wrote " + process.argv[2])',
      '{prompt}',
      '{model}',
    ];
    const submission = await worker.work(assignmentOf(profileOf({ command }), 'the prompt'), tell, never);
    expect(Buffer.from(submission.patch).toString()).toContain('+the prompt');
    expect(submission.rationale.summary).toBe('wrote mock');
    expect(submission.worker.version).toBe('unknown');
  });
});
