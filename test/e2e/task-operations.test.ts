import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentAdd } from '../../src/app/agents/compose-profile.js';
import type { OperationContext } from '../../src/app/operation.js';
import type { RunInput } from '../../src/app/tasks/run-task.js';
import { recordingSchema } from '../../src/core/tasks/recording.js';
import { operations } from '../../src/index.js';
import type { Ports } from '../../src/ports/ports.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { createWorld, governed } from './world.js';

// The operations on tasks as a library calls them, each opening and closing the store; the command line has its own tests.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let repository: ScratchRepository & { readonly base: string };
let patch: string;
/** Workers that were to be started in the background, which these tests do without. */
let started = 0;
const ports: Ports = {
  ...world.ports,
  background: { start: async () => (started += 1), stop: () => Promise.resolve() },
};

const run = (input: Partial<RunInput>, context: OperationContext = world.context) =>
  operations.run.run(
    ports,
    operations.run.input.parse({ words: 'A parcel of 500 grams', repository: repository.directory, ...input }),
    context,
  );
const add = (input: AgentAdd) => operations['agents add'].run(ports, input, world.context);
async function addReplay(name: string, attempts: readonly object[]) {
  const file = join(world.home, `${name}.json`);
  writeFileSync(file, JSON.stringify({ version: 1, agent: name, model: 'recorded', attempts }));
  return add({ name, kind: 'replay', file });
}

beforeAll(async () => {
  repository = await governed(world);
  const read = (path: string): string => readFileSync(join(repository.directory, path), 'utf8');
  const files = {
    'src/postage.js': read('src/postage.js').replace('grams < 500', 'grams <= 500'),
    'test/postage.test.js': read('test/postage.test.js').replace(
      "  it('charges a parcel'",
      "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
    ),
  };
  await repository.branch('patch', repository.base);
  const head = await repository.commit('patch', files);
  const diff = ['-C', repository.directory, 'diff', '--binary', repository.base, head];
  patch = execFileSync('git', diff, { encoding: 'utf8' });
  await repository.branch('main', repository.base);
});
afterAll(async () => {
  await ports.runtime.stopServer();
  await world.close();
});

describe('agents', () => {
  it('are added, replaced, listed with what they lack, and removed', async () => {
    expect(await addReplay('honest', [{ patch }])).toMatchObject({ lacks: null, replaced: false });
    expect(await addReplay('honest', [{ patch }])).toMatchObject({ replaced: true });
    await add({ name: 'absent', command: ['no-such-program', '{prompt}'], kind: 'cli' });
    const { agents, found } = await operations['agents list'].run(ports, { find: false }, world.context);
    expect(agents.map(({ profile, lacks }) => [profile.name, lacks === null])).toEqual([
      ['honest', true],
      ['absent', false],
    ]);
    expect(found).toEqual([]);
    expect(await operations['agents check'].run(ports, { name: 'absent', maxMinutes: 1 }, world.context)).toMatchObject(
      {
        works: false,
        saw: expect.stringContaining('no-such-program'),
      },
    );
    expect(await operations['agents remove'].run(ports, { name: 'absent' }, world.context)).toEqual({ name: 'absent' });
    const removed = operations['agents remove'].run(ports, { name: 'absent' }, world.context);
    await expect(removed).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
    const checked = operations['agents check'].run(ports, { name: 'absent', maxMinutes: 1 }, world.context);
    await expect(checked).rejects.toMatchObject({ code: 'AGENT_UNKNOWN' });
  });

  it('are checked by one edit: made, made wrongly, not made', async () => {
    const edit = (path: string, text: string): string =>
      `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-hello\n+${text}\n`;
    const check = async (name: string, attempt: object) => {
      await addReplay(name, [attempt]);
      return operations['agents check'].run(ports, { name, maxMinutes: 1 }, world.context);
    };
    expect(await check('able', { patch: edit('notes/greeting.txt', 'hello, arbiter') })).toMatchObject({ works: true });
    const wrong = await check('unable', { patch: edit('notes/greeting.txt', 'good morning') });
    expect(wrong).toMatchObject({ works: false, saw: expect.stringContaining('not as it was asked') });
    const refused = { fails: { code: 'AGENT_REFUSED_KEY', message: 'the key is wrong' } };
    expect(await check('locked', refused)).toMatchObject({
      works: false,
      saw: expect.stringContaining('the key is wrong'),
    });
  });
});

describe('a task', () => {
  it('runs from words to a verdict, and is listed, shown, watched, read and recorded', async () => {
    const done = await run({ agents: ['honest'], budgetUsd: 1, dedupKey: 'one' });
    expect(done).toMatchObject({ created: true, left: null, task: { state: 'accepted', ladder: ['honest'] } });
    const { id } = done.task;
    const listed = await operations['task list'].run(
      ports,
      { states: ['accepted'], repository: done.task.request.repository, limit: 20 },
      world.context,
    );
    expect(listed.tasks.map((task) => task.id)).toEqual([id]);
    const none = { states: ['failed' as const], limit: 20 };
    expect(await operations['task list'].run(ports, none, world.context)).toEqual({ tasks: [] });
    const shown = await operations['task show'].run(ports, { id: id.slice(-8) }, world.context);
    expect(shown).toEqual(await operations['task watch'].run(ports, { id }, world.context));
    const { created: _, left: __, ...report } = done;
    expect(shown).toEqual(report);
    const { lines } = await operations['task logs'].run(ports, { id, limit: 1000 }, world.context);
    expect(lines.length).toBeGreaterThan(0);
    const file = join(world.home, 'made.json');
    const made = await operations['task record'].run(ports, { id, out: file }, world.context);
    expect(recordingSchema.parse(JSON.parse(readFileSync(file, 'utf8')))).toEqual(made.recording);
    expect(made.recording.attempts.map((attempt) => attempt.patch)).toEqual([patch]);
    await expect(operations['task record'].run(ports, { id, out: file }, world.context)).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    await expect(operations['task resume'].run(ports, { id }, world.context)).rejects.toMatchObject({
      code: 'TASK_ENDED',
    });
  });

  it('is recorded with what failed in it and what was asked for', async () => {
    await addReplay('troubled', [
      { fails: { code: 'ENDPOINT_BUSY', message: 'too many requests', again: true } },
      { outcome: { kind: 'amendment', paths: ['lib'], why: 'the function lives there' } },
    ]);
    const { task } = await run({ agents: ['troubled'] });
    expect(task.state).toBe('awaiting-amendment');
    const out = join(world.home, 'troubled.made.json');
    const { recording } = await operations['task record'].run(ports, { id: task.id, out }, world.context);
    expect(recording.attempts).toMatchObject([
      { fails: { code: 'ENDPOINT_BUSY', again: true } },
      { outcome: { kind: 'amendment', paths: ['lib'] } },
    ]);
    const resumed = await operations['task resume'].run(ports, { id: task.id, base: repository.base }, world.context);
    expect(resumed.task).toMatchObject({ base: repository.base });
    expect(resumed.task.state).not.toBe('awaiting-amendment');
    const ended = await operations['task cancel'].run(ports, { id: task.id }, world.context);
    expect(ended.task.state).toBe('cancelled');
  });

  it('is left to a worker in the background when it is detached, and is the same task under its key', async () => {
    const before = started;
    const detached = await run({ agents: ['honest'], detach: true, dedupKey: 'later' });
    expect(detached).toMatchObject({ created: true, left: 'detached', task: { state: 'submitted' } });
    expect(started).toBe(before + 1);
    const again = await run({ agents: ['honest'], detach: true, dedupKey: 'later' });
    expect(again).toMatchObject({ created: false, task: { id: detached.task.id } });
    const out = join(world.home, 'nothing.json');
    await expect(
      operations['task record'].run(ports, { id: detached.task.id, out }, world.context),
    ).rejects.toMatchObject({
      code: 'NOTHING_RECORDED',
    });
    await operations['task cancel'].run(ports, { id: detached.task.id }, world.context);
  });

  it.each([
    ['cancel', { state: 'cancelled', left: null, starts: 0 }],
    ['leave', { state: 'working', left: 'background', starts: 1 }],
    [null, { state: 'working', left: 'waiting-for-up', starts: 0 }],
  ])('interrupted, with the answer %s, is what the person said', async (answer, expected) => {
    await addReplay('slow', [{ patch, delay_ms: 60_000 }]);
    const interruption = new AbortController();
    const context: OperationContext = {
      signal: interruption.signal,
      progress: {
        stage: (name) => void (/slow/.test(name) && setTimeout(() => interruption.abort(), 200)),
        note: () => undefined,
      },
      ask: () => Promise.resolve(answer),
    };
    setTimeout(() => interruption.abort(), 8000);
    const before = started;
    const { task, left } = await run({ agents: ['slow'] }, context);
    expect({ state: task.state, left, starts: started - before }).toEqual(expected);
    await operations['task cancel'].run(ports, { id: task.id }, world.context);
  });
});

describe('workers and the store', () => {
  it('serve until they are stopped, say what waits, and go down with the server', async () => {
    const stop = new AbortController();
    const served: string[] = [];
    const context = {
      ...world.context,
      signal: stop.signal,
      progress: {
        stage(name: string) {
          served.push(name);
          if (name === 'serving') stop.abort();
        },
        note: () => undefined,
      },
    };
    const now = await operations.up.run(ports, { foreground: true, workers: 1 }, context);
    expect(served).toEqual(['serving', 'stopping']);
    expect(now.workers).toMatchObject([{ pid: process.pid }]);
    expect(await operations.status.run(ports, {}, world.context)).toMatchObject({ workers: [], tasks: { open: 0 } });
    expect(await operations.down.run(ports, {}, world.context)).toMatchObject({ stopped: [], left: [] });
  });

  it('are backed up and restored into an empty store, never into a full one', async () => {
    const status = await operations['db status'].run(ports, {}, world.context);
    expect(status).toMatchObject({ kind: 'embedded', durable: false });
    expect(status.rows['tasks']).toBeGreaterThan(4);
    expect(await operations['db migrate'].run(ports, {}, world.context)).toEqual({ applied: [] });
    const file = join(world.home, 'store.backup');
    const made = await operations['db backup'].run(ports, { file }, world.context);
    await expect(operations['db restore'].run(ports, { file }, world.context)).rejects.toThrow(/empty|already/);
    const other = createWorld({ ARBITER_FSYNC: 'off' });
    try {
      expect((await operations['db restore'].run(other.ports, { file }, other.context)).rows).toEqual(made.rows);
    } finally {
      await other.close();
    }
  });
});
