import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../../src/app/audit/audit.js';
import { coverExisting } from '../../src/app/adjudicate/publish/cover-existing.js';
import { readVerdictFolder } from '../../src/app/adjudicate/publish/verdict-folder.js';
import { useRepository } from '../../src/app/use-repository.js';
import { verifyRange } from '../../src/app/verify-range/verify-range.js';
import type { Signer } from '../../src/ports/signer.js';
import { arbiter } from '../e2e/cli.js';
import { createGround, type Ground } from './publication-world.js';

// What slips past on a forge that squashes and merges: named by the audit, covered only by a verdict of its own.
let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());
beforeEach(() => {
  ground.ask('update-ref', 'refs/heads/main', ground.base);
  ground.onServer('update-ref', 'refs/heads/main', ground.base);
  for (const side of [ground.onServer, ground.ask]) side('update-ref', '-d', 'refs/caws/ledger');
  for (const ref of ground.ask('for-each-ref', '--format=%(refname)', 'refs/heads/arbiter').split('\n').filter(Boolean))
    ground.ask('update-ref', '-d', ref);
});

let price = 1;
const better = () => ({ 'src/postage.js': `export const postage = ${(price += 1)};\n` });
const treeOf = (commit: string): string => ground.ask('rev-parse', `${commit}^{tree}`).trim();
const commitTree = (tree: string, message: string, ...parents: string[]): string =>
  ground.ask('commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message).trim();
const setMain = (commit: string): string => ground.ask('update-ref', 'refs/heads/main', commit);
const verify = (head: string, base = ground.base) =>
  verifyRange.run(
    ground.ports,
    verifyRange.input.parse({ repository: ground.clone, range: `${base}..${head}` }),
    ground.world.context,
  );
const auditOf = (more: object = {}) =>
  audit.run(ground.ports, audit.input.parse({ repository: ground.clone, ...more }), ground.world.context);
const named = (more: object = {}) => auditOf({ base: ground.base, ...more });

/** Puts a verdict onto the record as the later one of a commit, as `arbiter readjudicate` does after judging. */
const cover = (folder: string, commit: string, signer: Signer = ground.publishKey) =>
  useRepository(ground.ports, ground.clone, ground.world.context.signal, async (git) => {
    const found = await readVerdictFolder(ground.ports, git, folder);
    return coverExisting(git, found, signer, await git.resolveCommit(commit));
  });

/** A change that was judged and published, main that a person moved meanwhile, and the merge that a forge makes of both. */
async function forgeMerge(extra: Record<string, string> = {}) {
  const files = better();
  const published = (await ground.publish(await ground.judge(files))).commit ?? '';
  const human = ground.commit('govern', { '.caws/note.yaml': `a: ${price}\n` }, { key: ground.humanKeyFile });
  const merged = ground.commit('merged', { ...files, ...extra }, { on: human });
  const merge = commitTree(treeOf(merged), 'Merge pull request #1', human, published);
  setMain(merge);
  return { files, published, human, merge };
}

describe('a merge that a forge made', () => {
  it('is named though all that it brings is covered, until a later verdict judges its tree', async () => {
    const { files, published, human, merge } = await forgeMerge();
    const before = await named();
    expect(before).toMatchObject({
      clean: false,
      commits: 3,
      slipped: [{ commit: merge, kind: 'merge', reason: 'merge-commit' }],
    });
    expect(before.slipped[0]?.detail).toMatch(
      /each of the 1 that it brings is covered, and its tree is that of no parent/,
    );
    expect(before.slipped[0]?.next.join('\n')).toContain(`arbiter readjudicate ${merge.slice(0, 12)}`);
    expect((await verify(merge)).refusals).toMatchObject([{ commit: merge, reason: 'merge-commit' }]);

    const folder = await ground.judge(files, { base: human });
    expect(await cover(folder, merge)).toMatchObject({ changed: true });
    expect(await cover(folder, merge)).toMatchObject({ changed: false });
    const after = await named();
    expect(after).toMatchObject({ clean: true, slipped: [] });
    expect(Object.fromEntries(after.covered.map(({ commit, by }) => [commit, by]))).toEqual({
      [published]: 'verdict',
      [human]: 'human',
      [merge]: 're-adjudicated',
    });
    expect(await verify(merge)).toMatchObject({ verified: true });
    expect(ground.git('push', 'origin', `${merge}:refs/heads/main`, 'refs/caws/ledger:refs/caws/ledger').code).toBe(0);
  });

  it('that holds more than its parents is not covered by the verdict on what it should have been', async () => {
    const { files, human, merge } = await forgeMerge({ 'src/evil.js': 'evil\n' });
    const { slipped } = await named();
    expect(slipped).toMatchObject([{ commit: merge, kind: 'merge' }]);
    expect(slipped[0]?.files).toEqual(['src/evil.js', 'src/postage.js']);
    await expect(cover(await ground.judge(files, { base: human }), merge)).rejects.toMatchObject({
      code: 'VERDICT_UNPUBLISHABLE',
      message: expect.stringMatching(/it judged tree/) as string,
    });
    expect((await verify(merge)).refusals).toMatchObject([{ commit: merge, reason: 'merge-commit' }]);
  });

  it('covers what it brings, judged as one change against its first parent, and not against any other', async () => {
    const files = better();
    const direct = ground.commit('by hand', files);
    const human = ground.commit('govern', { '.caws/note.yaml': `b: ${price}\n` }, { key: ground.humanKeyFile });
    const merged = ground.commit('merged', files, { on: human });
    const merge = commitTree(treeOf(merged), 'Merge', human, direct);
    expect((await verify(merge)).refusals.map(({ reason }) => reason).sort()).toEqual(['merge-commit', 'unjudged']);
    await expect(
      cover(await ground.judge({ '.caws/note.yaml': `b: ${price}\n` }, { base: direct }), merge),
    ).rejects.toThrow(/the first parent of/);
    await cover(await ground.judge(files, { base: human }), merge);
    const report = await verify(merge);
    expect(report).toMatchObject({ verified: true, commits: 3 });
    expect(report.covered.find(({ commit }) => commit === direct)).toEqual({
      commit: direct,
      by: 'brought',
      name: merge,
    });
  });

  it('upon something older than the base cannot take back unseen what came since', async () => {
    const { human, published } = await forgeMerge();
    // Its first parent stands below the range: judged against that, it would hide that it undoes `human`.
    const swapped = commitTree(treeOf(published), 'Merge', ground.base, human);
    await cover(await ground.judge({ 'src/postage.js': ground.ask('show', `${published}:src/postage.js`) }), swapped);
    const report = await verify(swapped, human);
    expect(report.refusals).toMatchObject([{ commit: swapped, reason: 'broken-chain' }]);
    expect(report.refusals[0]?.detail).toMatch(/first parents lead from/);
  });
});

describe('the word of the record', () => {
  it('counts only by the publish key, and gives one verdict to one commit', async () => {
    const files = better();
    const squash = ground.commit('squashed', files);
    const folder = await ground.judge(files);
    const human = (await ground.ports.keyring.loadSigner(ground.humanKeyFile, null)).signer;
    await cover(folder, squash, human);
    expect((await verify(squash)).refusals).toMatchObject([{ commit: squash, reason: 'not-published' }]);
    ground.ask('update-ref', '-d', 'refs/caws/ledger');

    await cover(folder, squash);
    expect(await verify(squash)).toMatchObject({ verified: true, covered: [{ by: 're-adjudicated' }] });
    const twin = commitTree(treeOf(squash), 'the same again', ground.base);
    await cover(folder, twin);
    expect((await verify(twin)).refusals).toMatchObject([{ commit: twin, reason: 'verdict-spent' }]);
    const pushed = ground.git('push', 'origin', 'refs/caws/ledger:refs/caws/ledger');
    expect(pushed.err).toMatch(/verdict-spent/);
  });

  it('without the word of the publish key for this very commit, a file on the record is nothing', async () => {
    const files = better();
    const squash = ground.commit('squashed', files);
    await cover(await ground.judge(files), squash);
    const [, verdictId = ''] =
      /covers\/[0-9a-f]+\/(\w+)/.exec(ground.ask('ls-tree', '-r', '--name-only', 'refs/caws/ledger')) ?? [];
    const twin = commitTree(treeOf(squash), 'another', ground.base);
    await useRepository(ground.ports, ground.clone, ground.world.context.signal, (git) =>
      git.extendRecord({
        atMs: 0,
        sign: (bytes) => ground.publishKey.sign('git', bytes),
        record: {
          ref: 'refs/caws/ledger',
          message: 'something else',
          files: new Map([[`covers/${twin}/${verdictId}`, Buffer.from(`${verdictId}\n`)]]),
        },
      }),
    );
    expect((await verify(twin)).refusals).toMatchObject([{ commit: twin, reason: 'not-published' }]);
  });
});

describe('arbiter audit', () => {
  it('tells a squash of a judged tree from what nobody judged, and says who, when, what and what next', async () => {
    const { commit } = await ground.publish(await ground.judge(better()));
    const squash = commitTree(treeOf(commit ?? ''), 'Squashed (#2)', ground.base);
    const direct = ground.commit('quick fix', { 'src/a.js': 'a\n', 'src/b.js': 'b\n' }, { on: squash });
    setMain(direct);
    const report = await named();
    expect(report.slipped).toMatchObject([
      { commit: squash, kind: 'squash', subject: 'Squashed (#2)', files: ['src/postage.js'] },
      {
        commit: direct,
        kind: 'uncovered',
        author: 'Ada <ada@example.org>',
        files: ['src/a.js', 'src/b.js'],
        files_omitted: 0,
      },
    ]);
    expect(report.slipped[0]?.detail).toMatch(/its tree is the one that verdict \w{26} judged on this very base/);
    expect(report.slipped[1]?.next.join('\n')).toMatch(/git revert/);
  });

  it('prints on the command line what --json says, with exit code 0 or 1, and says where it began', async () => {
    const run = (...argv: string[]) => arbiter(['audit', ...argv], { home: ground.world.home, cwd: ground.clone });
    const { commit } = await ground.publish(await ground.judge(better()));
    setMain(commit ?? '');
    const clean = run('main');
    expect(clean).toMatchObject({
      code: 0,
      out: expect.stringMatching(/NOTHING SLIPPED onto main: 1 commit \(1 verdict\)/) as string,
    });
    expect(clean.out).toMatch(/the first governed commit; what was before is judged by nobody/);
    const direct = ground.commit('quick fix', { 'src/a.js': 'a\n' }, { on: commit ?? '' });
    setMain(direct);
    const slipped = run('main');
    expect(slipped.code).toBe(1);
    expect(slipped.out).toMatch(/^uncovered [0-9a-f]{12} quick fix\n {4}Ada <ada@example.org>, \d{4}-.*: src\/a.js\n/);
    expect(slipped.out).toMatch(/the last clean audit on this machine/);
    expect(JSON.parse(run('main', '--json').out)).toMatchObject({
      since: 'last-audit',
      base: commit,
      slipped: [{ commit: direct }],
    });
    expect(run('nowhere')).toMatchObject({ code: 3 });
  });

  it('begins where the root first signed a keyring, remembers a clean audit, and notices a rewritten history', async () => {
    const branch = 'refs/heads/remembered';
    const setBranch = (commit: string): string => ground.ask('update-ref', branch, commit);
    const first = await ground.publish(await ground.judge(better()));
    setMain(first.commit ?? '');
    setBranch(first.commit ?? '');
    expect(await auditOf({ branch })).toMatchObject({ since: 'first-governed', base: ground.base, clean: true });
    const second = await ground.publish(await ground.judge(better(), { base: first.commit ?? '' }));
    setBranch(second.commit ?? '');
    expect(await auditOf({ branch })).toMatchObject({
      since: 'last-audit',
      base: first.commit,
      commits: 1,
      clean: true,
    });
    // The tree of now as a history of its own: nothing in it is uncovered, and everything before is gone.
    const orphan = commitTree(treeOf(second.commit ?? ''), 'fresh start');
    setBranch(orphan);
    const rewritten = await auditOf({ branch });
    expect(rewritten).toMatchObject({
      clean: false,
      slipped: [{ commit: orphan, kind: 'history', reason: 'ref-forced' }],
    });
    // It is not remembered as clean, and answered for only by name.
    expect(await auditOf({ branch })).toMatchObject({ clean: false });
    setBranch(second.commit ?? '');
    expect(await auditOf({ branch, base: second.commit })).toMatchObject({ since: 'named', clean: true, commits: 0 });
  });

  it('is not led astray by a merge that puts another beginning before the governed one', async () => {
    const evil = commitTree(treeOf(ground.base), 'another beginning');
    const merge = commitTree(treeOf(ground.base), 'Merge', evil, ground.base);
    ground.ask('update-ref', 'refs/heads/led-astray', merge);
    // Nothing is pinned for a history of two beginnings; where the root is named, the line that does not lead back is.
    await expect(auditOf({ branch: 'refs/heads/led-astray' })).rejects.toMatchObject({ code: 'AUDIT_UNGOVERNED' });
    const root = `${ground.ports.places.configHome}/keys/root.pub`;
    const report = await auditOf({ branch: 'refs/heads/led-astray', root });
    expect(report.clean).toBe(false);
    expect(report.slipped.map(({ kind }) => kind)).toContain('history');
  });

  it('says what is missing where nothing is governed', async () => {
    const bare = ground.ask('rev-list', '--max-parents=0', ground.base).trim();
    ground.ask('update-ref', 'refs/heads/ungoverned', bare);
    await expect(auditOf({ branch: 'refs/heads/ungoverned' })).rejects.toMatchObject({ code: 'AUDIT_UNGOVERNED' });
  });
});
