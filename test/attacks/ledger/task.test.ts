import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operations } from '../../../src/index.js';
import type { Ports } from '../../../src/ports/ports.js';
import type { Task } from '../../../src/core/tasks/task.js';
import { createWorld, governed, product, quickConfig } from '../../e2e/world.js';
import { asOwner } from './ledger-ground.js';

// The other door to the log: a task that records its verdict.
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

describe('attack 6: an older database is restored under a task', () => {
  it.skipIf(!sandbox.available)(
    `its verdict is not entered, with the reason in its story; its twin before is${sandbox.available ? '' : ` (skipped: ${sandbox.detail})`}`,
    async () => {
      const config = quickConfig.replace('sandbox: none\n', '');
      const repository = await governed(world, { '.caws/arbiter.yaml': config });
      const source = product['src/postage.js']?.replace('grams < 500', 'grams <= 500') ?? '';
      const test = product['test/postage.test.js']?.replace(
        "  it('charges a parcel'",
        "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
      );
      await repository.branch('patch', repository.base);
      const head = await repository.commit('patch', { 'src/postage.js': source, 'test/postage.test.js': test ?? '' });
      const patch = execFileSync('git', ['-C', repository.directory, 'diff', '--binary', repository.base, head], {
        encoding: 'utf8',
      });
      await repository.branch('main', repository.base);
      const file = join(world.home, 'honest.json');
      writeFileSync(file, JSON.stringify({ version: 1, agent: 'honest', model: 'recorded', attempts: [{ patch }] }));
      await operations['agents add'].run(ports, { name: 'honest', kind: 'replay', file }, world.context);
      const work = async (words: string): Promise<Task> => {
        const asked = { words, repository: repository.directory, agents: ['honest'] };
        return (await operations.run.run(ports, operations.run.input.parse(asked), world.context)).task;
      };
      const twin = await work('A parcel of 500 grams');
      expect(twin.state).toBe('accepted');
      await operations.publish.run(ports, { repository: repository.directory, target: twin.id }, world.context);

      const runtime = await ports.runtime.open(world.context.signal);
      // The database as it was before: its log under the same name, and without what has left the machine since.
      await asOwner(ports, async (owner) => {
        await owner.query('set session_replication_role = replica');
        await owner.query('delete from arbiter.ledger_entries');
        await owner.query('delete from arbiter.ledger_nodes');
      });
      const refused = await work('The same again, upon an older database');
      expect(refused).toMatchObject({
        state: 'failed',
        files: null,
        reason: {
          code: 'LEDGER_ROLLED_BACK',
          message: expect.stringMatching(
            /refs\/caws\/ledger:verdicts\/.* it has 0 entries, and 1 were seen before/,
          ) as string,
        },
      });
      expect(await runtime.ledger.head()).toMatchObject({ size: 0 });
      await runtime.close();
    },
  );
});
