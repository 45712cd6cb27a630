import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { createAcpWorker } from '../../src/adapters/workers/acp/acp-worker.js';
import type { AgentProfile } from '../../src/core/registry/agent-profile.js';
import type { WorkNews, Worker } from '../../src/ports/worker.js';
import { type FakeHouse, openFakeHouse } from './fake-room.js';
import { faultOf } from './fault-of.js';
import { assignmentOf, profileOf } from './give-work.js';

const toyFile = fileURLToPath(new URL('fixtures/toy-acp.mjs', import.meta.url));
const toy = (...words: string[]): AgentProfile => profileOf({ kind: 'acp', command: [toyFile, ...words] });
/** Driven as gemini, which may sign in with its key. */
const toyGemini = profileOf({
  kind: 'acp',
  program: 'gemini',
  command: [toyFile],
  endpoint: { protocol: 'gemini', base_url: 'https://models.invalid/v1beta' },
});

interface AtWork {
  readonly house: FakeHouse;
  readonly worker: Worker;
  readonly news: WorkNews[];
  readonly tell: (one: WorkNews) => void;
}
function atWork(): AtWork {
  const house = openFakeHouse();
  const news: WorkNews[] = [];
  const worker = createAcpWorker({ enterRoom: house.enterRoom, path: '' });
  return { house, worker, news, tell: (one) => void news.push(one) };
}

const never = new AbortController().signal;

describe('the acp worker', () => {
  it('hands in what was measured, and tells messages by the line and files once', async () => {
    const { house, worker, news, tell } = atWork();
    const answer = JSON.stringify({ rationale: { summary: 'a better text' } });
    const text = `say I begin with this.\nedit a.txt edited\nsay Done.\\n\`\`\`json\\n${answer}\\n\`\`\``;
    const submission = await worker.work(assignmentOf(toy(), text), tell, never);
    expect(Buffer.from(submission.patch).toString()).toContain('+edited');
    expect(submission.rationale.summary).toBe('a better text');
    expect(submission.worker).toEqual({ agent: 'toy', version: '0.0.7', model: 'mock' });
    expect(news.filter(({ kind }) => kind === 'file')).toEqual([{ kind: 'file', text: 'a.txt' }]);
    expect(news[0]).toEqual({ kind: 'message', text: 'I begin with this.' });
    expect(house.rooms[0]?.isClosed()).toBe(true);
  });

  it('reads and writes files for the agent, and refuses a write outside the scope at that moment', async () => {
    const { worker, news, tell } = atWork();
    const text = 'read a.txt\nwrite src/new.ts hello\nwrite lib/b.ts no\nwrite /etc/passwd no\nwrite ../x no';
    const { patch, rationale } = await worker.work(assignmentOf(toy(), text), tell, never);
    const said = Buffer.from(patch).toString();
    expect(said).toContain('+hello');
    expect(said).not.toContain('no');
    expect(rationale.summary).toContain('read: original');
    expect(rationale.summary).toContain(
      'refused: Invalid params: this path may not be written: it is outside of the scope',
    );
    expect(news.filter(({ kind }) => kind === 'refused').map((one) => one.text)).toEqual([
      'lib/b.ts may not be written: it is outside of the scope',
      '/etc/passwd may not be written: it is outside of the clone',
      expect.stringContaining('may not be written: it is outside of the clone'),
    ]);
  });

  it('answers for the scope when it is asked, once each, and never for good', async () => {
    const { worker, news, tell } = atWork();
    const text = 'edit a.txt yes\nedit lib/b.ts no\nblind\ncommand';
    await worker.work(assignmentOf(toy(), text), tell, never);
    const said = news.filter(({ kind }) => kind === 'message').map((one) => one.text);
    expect(said).toEqual(['asked for a.txt: y', 'asked for lib/b.ts: n', 'asked blindly: n', 'asked to run: y']);
  });

  it('runs commands inside the room, caps what they say from its beginning, and kills them', async () => {
    const { worker, tell } = atWork();
    const text = 'run seq 1 5000; echo oops >&2; exit 3\nstop\nwrite a.txt x';
    const { rationale } = await worker.work(assignmentOf(toy(), text), tell, never);
    expect(rationale.summary).toMatch(/ran: 3 true [\s\S]*5000\noops/);
    expect(rationale.summary).toContain('stopped: yes');
  });

  it('writes nothing in a plan', async () => {
    const { house, worker, news, tell } = atWork();
    const plan = JSON.stringify({ files: [{ path: 'a.txt', lines: 2 }] });
    const text = `write a.txt no\nedit a.txt no\nsay \`\`\`json\\n${plan}\\n\`\`\``;
    const proposed = await worker.plan(assignmentOf(toy(), text), tell, never);
    expect(proposed.plan.files).toEqual([{ path: 'a.txt', lines: 2 }]);
    expect(news.filter(({ kind }) => kind === 'refused')).toHaveLength(2);
    expect(house.visits[0]?.mode).toBe('plan');
  });

  it('passes over what is no message, and writes nothing of it to our own standard error', async () => {
    const { worker, tell } = atWork();
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      await worker.work(assignmentOf(toy('chatter'), 'strange\nwrite a.txt x'), tell, never);
      expect(complaint.mock.calls).toEqual([]);
    } finally {
      complaint.mockRestore();
    }
  });

  it.each([
    ['an agent that dies at the start', toy('die'), 'x', 'AGENT_FAILED', 'it ended by itself with 4'],
    [
      'an agent that dies in the middle',
      toy(),
      'write a.txt x\ndie',
      'AGENT_FAILED',
      'ended by itself with 5; its last words: I am gone',
    ],
    ['another version of the protocol', toy('tomorrow'), 'x', 'AGENT_FAILED', 'it speaks version 99 of the protocol'],
    [
      'an agent that wants a person to sign in',
      toy('locked'),
      'x',
      'AGENT_REFUSED_KEY',
      'session/new with error -32000',
    ],
    ['an agent that refuses', toy('refusing'), 'write a.txt x', 'AGENT_FAILED', 'it refused to go on'],
    ['an error of the agent', toy(), 'refuse', 'AGENT_FAILED', 'the model is on strike'],
    ['an agent that edits nothing', toy(), 'say Done.', 'NOTHING_EDITED', 'it said "Done."'],
  ])('names %s', async (_name, agent, text, code, said) => {
    const { house, worker, tell } = atWork();
    const fault = await faultOf(worker.work(assignmentOf(agent, text), tell, never));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(said);
    expect(house.rooms[0]?.isClosed()).toBe(true);
  });

  it('signs in where that needs no person', async () => {
    const { house, worker, tell } = atWork();
    house.baseUrl = 'http://127.0.0.1:1/v1beta';
    // gemini's own arguments come first: the toy finds its word behind them
    const agent = { ...toyGemini, program: null, command: [toyFile, 'signed-in'] };
    expect((await faultOf(worker.work(assignmentOf(agent, 'x'), tell, never))).code).toBe('AGENT_REFUSED_KEY');
    await worker.work(assignmentOf(toyGemini, 'write a.txt x'), tell, never);
  });

  it.each(['stay', 'cling'])('ends within two seconds of a cancel an agent that will %s', async (verb) => {
    const { house, worker } = atWork();
    const cancel = new AbortController();
    let began = 0;
    const tell = (one: WorkNews): void => {
      if (one.kind !== 'message') return;
      began = performance.now();
      cancel.abort();
    };
    const work = worker.work(assignmentOf(toy(), `say here I am\\n\n${verb}`), tell, cancel.signal);
    expect((await faultOf(work)).code).toBe('AGENT_CANCELLED');
    expect(performance.now() - began).toBeLessThan(2000);
    expect(house.rooms[0]?.isClosed()).toBe(true);
  });

  it('stops inside the run when a bound is reached', async () => {
    const { house, worker } = atWork();
    const assignment = assignmentOf(toy(), 'say spending\\n\ncling', { bounds: { micro_usd: 100 } });
    const work = worker.work(assignment, () => house.rooms[0]?.spend({ micro_usd: 130, turns: 1 }), never);
    expect(await faultOf(work)).toMatchObject({ code: 'BOUND_REACHED', spend: { micro_usd: 130 } });
  });
});
