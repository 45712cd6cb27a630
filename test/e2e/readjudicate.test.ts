import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/index.js';
import { createWorld, governed, product, quickConfig } from './world.js';

// A merge that a forge would make, judged afterwards with real gates in a real sandbox, and covered by that verdict.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const sandbox = await world.ports.sandboxes.bubblewrap.probe();
afterAll(async () => {
  await world.ports.runtime.stopServer();
  await world.close();
});

const honest = {
  'src/postage.js': product['src/postage.js']?.replace('grams < 500', 'grams <= 500') ?? '',
  'test/postage.test.js':
    product['test/postage.test.js']?.replace(
      "  it('charges a parcel'",
      "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
    ) ?? '',
};

describe('arbiter readjudicate', () => {
  it.skipIf(!sandbox.available)(
    `covers a merge by a later verdict, and only one that its gates pass${sandbox.available ? '' : ` (skipped: ${sandbox.detail})`}`,
    async () => {
      const repository = await governed(world, { '.caws/arbiter.yaml': quickConfig.replace('sandbox: none\n', '') });
      const { base, directory } = repository;
      const git = (...argv: string[]): string =>
        execFileSync('git', ['-C', directory, ...argv], { encoding: 'utf8' }).trim();
      const merged = async (name: string, files: Record<string, string>): Promise<string> => {
        await repository.branch(name, base);
        const head = await repository.commit(name, files);
        await repository.branch('main', base);
        const who = ['-c', 'user.name=Forge', '-c', 'user.email=forge@example.org'];
        return git(...who, 'commit-tree', `${head}^{tree}`, '-p', base, '-p', head, '-m', `Merge ${name}`);
      };
      const judge = (commit: string) =>
        operations.readjudicate.run(world.ports, { repository: directory, commit }, world.context);
      const audit = async (commit: string) => {
        const asked = { repository: directory, branch: commit, base, allowLocal: true };
        return operations.audit.run(world.ports, operations.audit.input.parse(asked), world.context);
      };

      const broken = await merged('broken', { ...honest, 'src/postage.js': product['src/postage.js'] ?? '' });
      expect(await judge(broken)).toMatchObject({ covered: false, record: null, verdict: { verdict: 'FAIL' } });
      expect(await audit(broken)).toMatchObject({ clean: false });

      const good = await merged('good', honest);
      expect(await audit(good)).toMatchObject({ clean: false });
      const judged = await judge(good);
      expect(judged).toMatchObject({ covered: true, base, commit: good, verdict: { verdict: 'PASS' } });
      // The verdict is an entry of the ledger, and what it covers is the next.
      expect(judged.entry).toBe(1);
      const clean = await audit(good);
      expect(clean).toMatchObject({ clean: true, commits: 2 });
      expect(clean.covered.map(({ by }) => by).sort()).toEqual(['brought', 're-adjudicated']);
      expect(git('ls-tree', '-r', '--name-only', 'refs/caws/ledger')).toContain(
        `covers/${good}/${judged.verdict.verdict_id}`,
      );
    },
  );

  it('refuses what has no parent to be judged against, and what is no commit', async () => {
    const repository = await world.repository(product);
    const judge = (commit: string) =>
      operations.readjudicate.run(world.ports, { repository: repository.directory, commit }, world.context);
    await expect(judge(repository.base)).rejects.toMatchObject({ code: 'COMMIT_WITHOUT_PARENT' });
    await expect(judge('nowhere')).rejects.toMatchObject({ code: 'UNKNOWN_REVISION' });
  });
});
