import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useRuntime } from '../../src/app/tasks/use-runtime.js';
import type { AgentShown } from '../../src/app/registry/show-agent.js';
import { outcomeOf } from '../registry/outcomes.js';
import { runCommand } from './run-command.js';
import { createWorld, type World } from './world.js';

// The life of an agent as a person leads it: by the command line, over a store of its own.
describe('the life of an agent', { timeout: 120_000 }, () => {
  const world = createWorld({ ARBITER_FSYNC: 'off' });
  const other = createWorld({ ARBITER_FSYNC: 'off' });
  const arbiter = (argv: readonly string[], where: World = world) => runCommand(where.ports, where.home, argv);
  const shown = async (name: string, where: World = world): Promise<AgentShown> =>
    JSON.parse((await arbiter(['agents', 'show', name, '--json'], where)).out) as AgentShown;
  const recording = join(world.home, 'recording.json');

  beforeAll(async () => {
    writeFileSync(recording, JSON.stringify({ version: 1, agent: 'r', model: 'recorded', attempts: [{ patch: '' }] }));
    const traits = ['--language', 'go', 'rust', '--task-type', 'code-editing', '--residency', 'eu', '--family', 'toy'];
    for (const name of ['ann', 'bob']) {
      const added = await arbiter(['agents', 'add', name, '--kind', 'replay', '--file', recording, ...traits]);
      expect(added).toMatchObject({ code: 0, err: '' });
    }
    await useRuntime(world.ports, world.context.signal, async ({ registry }) => {
      for (let index = 0; index < 60; index += 1) {
        await registry.observe(outcomeOf('ann', index, { tags: ['go'], passed: index % 20 > 0, reward: 1 }));
        await registry.observe(outcomeOf('bob', index, { tags: ['go'], passed: index % 2 > 0, reward: 0 }));
      }
    });
  });
  afterAll(async () => {
    for (const one of [world, other]) {
      await one.ports.runtime.stopServer();
      await one.close();
    }
  });

  it('shows how it fared and what was learned, with the evidence', async () => {
    const ann = await shown('ann');
    expect(ann).toMatchObject({ status: 'available', profile: { version: '1', family: 'toy', residency: ['eu'] } });
    expect(ann.versions[0]?.performance[0]).toMatchObject({ n: 60, success: 57 / 60 });
    expect(ann.learned).toMatchObject([
      { tag: 'go', n: 60, passed: 57, expected: 0.5, peers: 60, verdict: 'specialised' },
    ]);
    const { out } = await arbiter(['agents', 'show', 'ann']);
    expect(out).toContain('learned go: specialised, 57 of 60 passed');
    expect(out).toContain('code-editing/standard: passed 95.0 % of 60');
    expect(await arbiter(['agents', 'show', 'nobody'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('no agent named'),
    });
  });

  it('swaps a version that starts from the old one’s figures, and goes back to it', async () => {
    const swapped = await arbiter([
      'agents',
      'swap',
      'ann',
      '--profile-version',
      '2',
      '--model',
      'newer',
      '--discount',
      '0.25',
    ]);
    expect(swapped).toMatchObject({ code: 0, out: expect.stringContaining('starts from 95.0 %, worth 15.0 outcomes') });
    const ann = await shown('ann');
    expect(ann.versions.map(({ version, in_use, parent }) => [version, in_use, parent])).toEqual([
      ['1', false, null],
      ['2', true, '1'],
    ]);
    expect(await arbiter(['agents', 'swap', 'ann', '--profile-version', '2'])).toMatchObject({ code: 3 });
    expect(await arbiter(['agents', 'swap', 'ann', '--profile-version', 'a@b'])).toMatchObject({ code: 3 });
    expect(await arbiter(['agents', 'swap', 'ann', '--profile-version', '3', '--discount', '2'])).not.toMatchObject({
      code: 0,
    });
    await arbiter(['agents', 'swap', 'ann', '--profile-version', '1']);
    expect((await shown('ann')).versions.find(({ in_use }) => in_use)?.performance[0]?.n).toBe(60);
  });

  it('is drained, resumed and retired, and keeps its history', async () => {
    expect((await arbiter(['agents', 'drain', 'bob'])).out).toBe('bob is draining (was available)\n');
    expect((await arbiter(['agents', 'list'])).out).toMatch(/bob.*is draining/);
    expect((await arbiter(['agents', 'resume', 'bob'])).out).toBe('bob is available (was draining)\n');
    await arbiter(['agents', 'retire', 'bob']);
    const bob = await shown('bob');
    expect(bob.status).toBe('retired');
    expect(bob.versions[0]?.performance[0]?.n).toBe(60);
    for (const verb of ['drain', 'resume', 'retire'])
      expect(await arbiter(['agents', verb, 'nobody'])).toMatchObject({ code: 3 });
  });

  it('is exported, and taken in elsewhere with its versions and outcomes; twice changes nothing', async () => {
    const file = join(world.home, 'agents.jsonl');
    expect((await arbiter(['agents', 'export', file])).out).toContain('wrote 2 agents, 3 versions and 120 outcomes');
    expect((await arbiter(['agents', 'import', file], other)).out).toContain(
      'took in 2 agents, 3 versions and 120 outcomes',
    );
    const [here, there] = [await shown('ann'), await shown('ann', other)];
    expect(there.versions).toEqual(here.versions);
    expect(there.learned).toEqual(here.learned);
    const again = await arbiter(['agents', 'import', file], other);
    expect(again.out).toContain(
      'took in 0 agents, 0 versions and 0 outcomes (120 were known)\nstayed as they are: ann, bob',
    );
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[5] = '{"kind":"outcome"';
    lines[6] = lines[6]?.replace('"reward":', '"reward":-') ?? '';
    writeFileSync(file, lines.join('\n'));
    const partly = await arbiter(['agents', 'import', file], other);
    expect(partly.code).toBe(1);
    expect(partly.out).toContain('line 6 was refused: it is no JSON');
    expect(partly.out).toContain('line 7 was refused: observation.reward');
    writeFileSync(file, 'name,kind\n');
    expect(await arbiter(['agents', 'import', file])).toMatchObject({
      code: 3,
      err: expect.stringContaining('no export of agents'),
    });
  });

  it('whose row cannot be read is told of by list, show and quarantine, and stops nobody', async () => {
    await useRuntime(world.ports, world.context.signal, async ({ registry }) => {
      // What an older or newer Arbiter, or a hand, may leave: a profile that this one does not take.
      await registry.changeProfile('bob', (bob) => ({ ...bob, kind: 'telepathy' as 'replay' }));
    });
    const listed = await arbiter(['agents', 'list']);
    expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/ann[\s\S]*set aside: agents bob: kind/) });
    expect(await arbiter(['agents', 'show', 'bob'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('cannot be read'),
    });
    const quarantine = await arbiter(['agents', 'quarantine', '--mend']);
    expect(quarantine).toMatchObject({ code: 1, out: expect.stringContaining('arbiter agents add') });
    await arbiter(['agents', 'add', 'bob', '--kind', 'replay', '--file', recording]);
    expect(await arbiter(['agents', 'quarantine'])).toMatchObject({ code: 0, out: 'every row can be read\n' });
  });
});
