import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/index.js';
import type { Ports } from '../../src/ports/ports.js';
import { createWorld, governed, product, quickConfig } from './world.js';

// A task from words to a published commit, with a real engine, real gates in a real sandbox and no edited verdict.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const ports: Ports = {
  ...world.ports,
  background: { start: () => Promise.resolve(0), stop: () => Promise.resolve() },
};
const sandbox = await world.ports.sandboxes.bubblewrap.probe();
afterAll(async () => {
  await ports.runtime.stopServer();
  await world.close();
});

/** A governed repository, and a task in it that an agent has done and Arbiter has passed. */
async function passTask() {
  const config = quickConfig.replace('sandbox: none\n', '');
  const repository = await governed(world, { '.caws/arbiter.yaml': config });
  const source = product['src/postage.js']?.replace('grams < 500', 'grams <= 500') ?? '';
  const test = product['test/postage.test.js']?.replace(
    "  it('charges a parcel'",
    "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
  );
  await repository.branch('patch', repository.base);
  const head = await repository.commit('patch', { 'src/postage.js': source, 'test/postage.test.js': test ?? '' });
  const git = (...argv: string[]): string =>
    execFileSync('git', ['-C', repository.directory, ...argv], { encoding: 'utf8' });
  const patch = git('diff', '--binary', repository.base, head);
  await repository.branch('main', repository.base);
  const file = join(world.home, 'honest.json');
  writeFileSync(file, JSON.stringify({ version: 1, agent: 'honest', model: 'recorded', attempts: [{ patch }] }));
  await operations['agents add'].run(ports, { name: 'honest', kind: 'replay', file }, world.context);
  const asked = { words: 'A parcel of 500 grams', repository: repository.directory, agents: ['honest'] };
  const { task } = await operations.run.run(ports, operations.run.input.parse(asked), world.context);
  expect(task.state).toBe('accepted');
  return { repository, head, git, task };
}

describe('a task', () => {
  it.skipIf(!sandbox.available)(
    `is published by its id, and its commit verifies${sandbox.available ? '' : ` (skipped: ${sandbox.detail})`}`,
    async () => {
      const { repository, head, git, task } = await passTask();
      const target = { repository: repository.directory, target: task.id };
      const landed = await operations.publish.run(ports, target, world.context);
      expect(landed).toMatchObject({ mode: 'branch', ref: `refs/heads/arbiter/${task.id}`, changed: true });
      // The verdict and what it rests on are the first entries of the ledger, and where it went is the third, once.
      expect(landed.entry).toBe(2);
      expect(await operations.publish.run(ports, target, world.context)).toMatchObject({
        changed: false,
        entry: 2,
        commit: landed.commit,
      });
      const kept = git('ls-tree', '-r', '--name-only', 'refs/caws/ledger').split('\n');
      expect(kept).toContain(`verdicts/${landed.verdict_id}/verdict.sigstore.json`);
      const log = await operations['ledger verify'].run(
        ports,
        operations['ledger verify'].input.parse({}),
        world.context,
      );
      expect(log).toMatchObject({ size: 3, verified: true });
      expect(kept).toContain(`traces/${landed.commit}.json`);
      // What the store alone knows stands in the verdict, too.
      const yaml = git('cat-file', '-p', `refs/caws/ledger:verdicts/${landed.verdict_id}/verdict.yaml`);
      expect(yaml).toMatch(/^ {2}prompt_sha256: "[0-9a-f]{64}"$/m);
      expect(yaml).toMatch(/^ {2}output_sha256: "[0-9a-f]{64}"$/m);
      expect(yaml).toMatch(/^ {2}monotonic_ms: \d+\n {2}log_size_before: 0$/m);
      expect(yaml).toMatch(/^judge: null$/m);
      expect(yaml).toMatch(/^prev_verdict_sha256: null$/m);
      const message = git('log', '-1', '--format=%B', landed.commit ?? '');
      expect(message).toMatch(/^CAWS-Log: arbiter\/[0-9a-f]+#0$/m);
      expect(git('notes', '--ref=ai', 'show', landed.commit ?? '')).toContain('"tool": "honest"');
      expect(landed.pull_request?.body).toMatch(/tests: pass, \d+ run/);
      expect(git('diff', head, landed.commit ?? '')).toBe('');
      const verify = (allowLocal: boolean) =>
        operations.verify.run(
          ports,
          { repository: repository.directory, range: `${repository.base}..${landed.commit}`, allowLocal },
          world.context,
        );
      expect(await verify(true)).toMatchObject({ verified: true, commits: 1 });
      expect(await verify(false)).toMatchObject({ refusals: [{ reason: 'verdict-trust' }] });
    },
  );

  it.skipIf(!sandbox.available)(
    `whose base has moved is judged again on the new one, and only a PASS lands${sandbox.available ? '' : ` (skipped: ${sandbox.detail})`}`,
    async () => {
      const { repository, git, task } = await passTask();
      const publish = (more: object = {}) =>
        operations.publish.run(ports, { repository: repository.directory, target: task.id, ...more }, world.context);
      const still = await publish({ reexamine: true, mode: 'none' });
      expect(still).toMatchObject({ replaces: null, verdict_id: task.verdict?.id });

      await repository.branch('main', repository.base);
      const moved = await repository.commit('beside it', { 'notes.md': 'Somebody else was here.\n' });
      await expect(publish()).rejects.toMatchObject({
        code: 'BASE_MOVED',
        mend: expect.stringContaining('arbiter publish --reexamine') as string,
      });
      const landed = await publish({ reexamine: true });
      expect(landed).toMatchObject({ replaces: task.verdict?.id, ref: `refs/heads/arbiter/${task.id}`, changed: true });
      expect(landed.verdict_id).not.toBe(task.verdict?.id);
      expect(git('rev-parse', `${landed.commit}^`).trim()).toBe(moved);
      expect(git('show', `${landed.commit}:notes.md`)).toContain('Somebody else');
      const read = (id: string): string => git('cat-file', '-p', `refs/caws/ledger:verdicts/${id}/verdict.yaml`);
      const before = createHash('sha256').update(read(still.verdict_id)).digest('hex');
      expect(read(landed.verdict_id)).toContain(`prev_verdict_sha256: "${before}"`);
      expect(read(landed.verdict_id)).toMatch(/agent: "?honest/);
      const range = { repository: repository.directory, range: `${moved}..${landed.commit}`, allowLocal: true };
      expect(await operations.verify.run(ports, range, world.context)).toMatchObject({ verified: true, commits: 1 });
      expect(git('log', '-1', '--format=%B', landed.commit ?? '')).toMatch(/^CAWS-Log: /m);

      // A base whose own tests the change breaks, and one on which the patch has no place.
      await repository.branch('main', moved);
      const strict = `import assert from 'node:assert/strict';\nimport { it } from 'node:test';\nimport { postage } from '../src/postage.js';\nit('has its old price at 500 grams', () => assert.equal(postage(500), 690));\n`;
      await repository.commit('strict', { 'test/old-price.test.js': strict });
      const refused = await publish({ reexamine: true }).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 'VERDICT_UNPUBLISHABLE',
        message: expect.stringMatching(/examined again on .*it is FAIL \(arbiter verdict verify /) as string,
      });
      await repository.commit('rewritten', { 'src/postage.js': 'export const postage = () => 1;\n' });
      await expect(publish({ reexamine: true })).rejects.toMatchObject({ code: 'PATCH_DOES_NOT_APPLY' });
      expect(git('rev-parse', `refs/heads/arbiter/${task.id}`).trim()).toBe(landed.commit);
    },
  );

  it('that is unknown, or a folder without a verdict, is refused with what to do', async () => {
    const repository = await world.repository(product);
    const publish = (target: string) =>
      operations.publish.run(ports, { repository: repository.directory, target }, world.context);
    await expect(publish('01ARZ3NDEKTSV4RRFFQ69G5FAV')).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
    await expect(publish(repository.directory)).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });
});
