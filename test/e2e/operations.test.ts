import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyCheck, specCheck, specNew } from '../../src/app/constitution/operations.js';
import { demo } from '../../src/app/demo/demo.js';
import { checkGates } from '../../src/app/gates/check-gates.js';
import { listGates } from '../../src/app/gates/list-gates.js';
import { init } from '../../src/app/init/init.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { createWorld, governed, product } from './world.js';

// The operations as a library calls them; the command line has its own tests.
const world = createWorld();
let repository: ScratchRepository & { readonly base: string };
beforeAll(async () => {
  repository = await governed(world);
});
afterAll(() => world.close());

describe('operations', () => {
  it('demo: real tasks through the engine, each ending as the constitution says', async () => {
    const { tasks, repository: kept } = await demo.run(world.ports, { keep: false }, world.context);
    expect(tasks.map(({ name, state, attempts }) => [name, state, attempts])).toEqual([
      ['honest-fix', 'accepted', 1],
      ['refined', 'accepted', 2],
      ['escalated', 'accepted', 2],
      ['over-budget', 'awaiting-waiver', 1],
    ]);
    expect(tasks.every(({ asExpected }) => asExpected)).toBe(true);
    expect(tasks.map(({ verdict }) => verdict?.task_id)).toEqual(tasks.map(({ id }) => id));
    expect(tasks.every(({ signature }) => signature === 'verified' || signature === 'ssh-keygen missing')).toBe(true);
    expect(kept).toBeNull();
  });

  it('gates: listed as the base has them, and seen alive', async () => {
    const input = { repository: repository.directory, base: repository.base };
    const listed = await listGates.run(world.ports, input, world.context);
    expect(listed.gates.map(({ name }) => name)).toEqual(['tests', 'coverage']);
    expect(listed.sandbox).toMatchObject({ name: 'none', available: true });
    const checked = await checkGates.run(world.ports, input, world.context);
    expect(checked.gates.map(({ name, life }) => [name, life])).toEqual([
      ['tests', 'alive'],
      ['coverage', 'alive'],
    ]);
  });

  it('gates: a base without any, and one whose configuration is broken, are refused with what to do', async () => {
    const plain = await world.repository(product);
    const check = (base: string) => checkGates.run(world.ports, { repository: plain.directory, base }, world.context);
    await expect(check(plain.base)).rejects.toMatchObject({ code: 'NO_GATES' });
    const broken = await plain.commit('broken', { '.caws/arbiter.yaml': 'version: 1\ngate: {}\n' });
    await expect(check(broken)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      place: { file: '.caws/arbiter.yaml' },
    });
  });

  it('spec new and the checks agree', async () => {
    const spec = specNew.input.parse({
      repository: repository.directory,
      spec: {
        id: 'PAY-001',
        title: 'Pay by card',
        scope_in: ['src'],
        invariants: ['no double charge'],
        acceptance: [{ given: 'a card', when: 'it is charged', then: 'it is charged once' }],
      },
    });
    const { path } = await specNew.run(world.ports, spec, world.context);
    await expect(specNew.run(world.ports, spec, world.context)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    const files = [join(repository.directory, path), join(repository.directory, '.caws/policy.yaml')];
    const checked = await specCheck.run(world.ports, { files, dialect: 'auto', kind: 'auto' }, world.context);
    expect(checked.map(({ kind, valid }) => [kind, valid])).toEqual([
      ['spec', true],
      ['policy', true],
    ]);
    const odd = join(world.home, 'odd.yaml');
    writeFileSync(odd, 'hello: world\n');
    const [policy] = await policyCheck.run(world.ports, { files: [odd], dialect: 'B', kind: 'auto' }, world.context);
    expect(policy).toMatchObject({ kind: 'policy', valid: false });
  });

  it('init: a repository without a commit is told to come back for the pin', async () => {
    const folder = await world.ports.scratch.createFolder('empty');
    try {
      const { execFileSync } = await import('node:child_process');
      execFileSync('git', ['init', '-q', folder.directory]);
      const made = await init.run(world.ports, { repository: folder.directory }, world.context);
      expect(made.stack).toBeNull();
      expect(made.notes.join('\n')).toMatch(/no commit/);
    } finally {
      await folder.remove();
    }
  });
});
