import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGguf } from '../../scripts/make-gguf.js';
import { createLlamaWorker } from '../../src/adapters/workers/llama/llama-worker.js';
import { findLlamaRuntime } from '../../src/adapters/workers/llama/load-runtime.js';
import type { AgentProfile } from '../../src/core/registry/agent-profile.js';
import type { Assignment, Worker } from '../../src/ports/worker.js';
import { agentOf, assignmentOf } from './assignment.js';
import { openFakeRoom } from './fake-room.js';

const llamaFolder = process.env['ARBITER_LLAMA_FOLDER'] ?? null;
const lacks = findLlamaRuntime(llamaFolder) === null ? 'node-llama-cpp is not installed (npm run llama:lane)' : null;

// What follows what: strings say "ok", lists are empty, and of the tools `finish` is the likeliest, then those with a p.
// No line feed may stand in a JSON string, so it is none of the choices there. The grammar does the rest, as it does with a
// model of any size.
const corpus = `${'"ok"\n'.repeat(60)}${'"finish"\n'.repeat(20)}${'"propose_plan"\n'.repeat(10)}${'[]\n'.repeat(30)}`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arbiter-llama-'));
  await writeFile(join(folder, 'tiny.gguf'), makeGguf(corpus));
});
afterAll(() => rm(folder, { recursive: true }));

const agent = (extra: object = {}): AgentProfile =>
  agentOf({ name: 'tiny', kind: 'llama', file: join(folder, 'tiny.gguf'), ...extra });

/** A room that holds a change already, as in a refinement: this model is too small to write one. */
function workerOf(profile: AgentProfile): Promise<Worker> {
  return createLlamaWorker(profile, {
    llamaFolder,
    openRoom: async (_assignment, meter) => {
      const room = await openFakeRoom(meter);
      await room.writeFile('src/hello.txt', Buffer.from('hello\n'));
      return room;
    },
  });
}

const assignment = (profile: AgentProfile, extra: Partial<Assignment> = {}): Assignment =>
  assignmentOf(profile, { startPatch: Buffer.from('there is one'), ...extra });
const signal = (): AbortSignal => new AbortController().signal;

describe.skipIf(lacks !== null)(`llama worker${lacks === null ? '' : ` skipped: ${lacks}`}`, () => {
  it('plans by a call that the grammar makes readable, and counts its tokens', async () => {
    const worker = await workerOf(agent());
    const proposed = await worker.plan(assignment(agent()), () => undefined, signal());
    expect(proposed.plan).toEqual({ version: 1, spec_id: 'FEAT-1', approach: 'ok', files: [], tests: [], risks: [] });
    expect(proposed.spend).toMatchObject({ micro_usd: 0, turns: 1 });
    expect(proposed.spend.input_tokens).toBeGreaterThan(100);
    expect(proposed.spend.output_tokens).toBeGreaterThan(20);
    expect(proposed.worker).toEqual({
      agent: 'tiny',
      version: 'node-llama-cpp 3.21.1 loop@1',
      model: 'arbiter-bigram',
    });
  });

  it('works until it calls finish, and twice the same', async () => {
    const worker = await workerOf(agent());
    const done = await worker.work(assignment(agent()), () => undefined, signal());
    expect(done.rationale.summary).toBe('ok');
    expect(Buffer.from(done.patch).toString()).toContain('+hello');
    const again = await worker.work(assignment(agent()), () => undefined, signal());
    expect({ ...again.spend, wall_ms: 0 }).toEqual({ ...done.spend, wall_ms: 0 });
  });

  it('is stopped in the middle of an answer by cancellation and by its wall time', async () => {
    // a model that never closes a string
    await writeFile(join(folder, 'endless.gguf'), makeGguf('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.repeat(20)));
    const endless = agent({ file: join(folder, 'endless.gguf'), limits: { context_tokens: 8192 } });
    const worker = await workerOf(endless);
    const stop = new AbortController();
    let abortedMs = 0;
    setTimeout(() => {
      abortedMs = Date.now();
      stop.abort();
    }, 150);
    const cancelled = worker.work(assignment(endless), () => undefined, stop.signal);
    await expect(cancelled).rejects.toMatchObject({ code: 'AGENT_CANCELLED' });
    expect(Date.now() - abortedMs).toBeLessThan(2000);
    const bounds = { micro_usd: null, tokens: null, turns: null, wall_ms: 200 };
    await expect(worker.work(assignment(endless, { bounds }), () => undefined, signal())).rejects.toMatchObject({
      code: 'BOUND_REACHED',
    });
  });

  it.each([
    ['text', Buffer.from('GGUF and nothing more')],
    ['nothing', Buffer.alloc(0)],
    ['a model that was cut off', makeGguf(corpus).subarray(0, 400_000)],
  ])('%s in place of a model is a fault that names the file', async (_, bytes) => {
    await writeFile(join(folder, 'bad.gguf'), bytes);
    const worker = await workerOf(agent({ file: join(folder, 'bad.gguf') }));
    await expect(worker.work(assignment(agent()), () => undefined, signal())).rejects.toMatchObject({
      code: 'AGENT_MISSING',
      message: expect.stringContaining('bad.gguf'),
    });
  });
});

describe('llama worker without its runtime', () => {
  it('says how to install it', async () => {
    const deps = { llamaFolder: folder, openRoom: () => Promise.reject(new Error('no room')) };
    await expect(createLlamaWorker(agent(), deps)).rejects.toMatchObject({
      code: 'MODEL_RUNTIME_MISSING',
      mend: expect.stringContaining('npm i --no-save --ignore-scripts --omit=optional node-llama-cpp@3.21.1'),
    });
  });

  it('the generated model is a GGUF of bounded size, the same each time', () => {
    const bytes = makeGguf('abc');
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from('GGUF\u0003\0\0\0'));
    expect(bytes.length).toBeLessThan(4_000_000);
    expect(makeGguf('abc').equals(bytes)).toBe(true);
  });
});
