import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGround, type Ground } from './publication-world.js';

// Against a real bare repository with the server's hook.
let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());
beforeEach(() => {
  // Whoever keeps the server may do what nobody may push.
  ground.onServer('update-ref', 'refs/heads/main', ground.base);
  for (const side of [ground.onServer, ground.ask]) side('update-ref', '-d', 'refs/caws/ledger');
  ground.ask('update-ref', 'refs/heads/main', ground.base);
  for (const ref of ground.ask('for-each-ref', '--format=%(refname)', 'refs/heads/arbiter').split('\n').filter(Boolean))
    ground.ask('update-ref', '-d', ref);
});

const better = { 'src/postage.js': 'export const postage = 2;\n' };
const push = (commit: string, ...more: string[]) => ground.git('push', 'origin', `${commit}:refs/heads/main`, ...more);
const record = 'refs/caws/ledger:refs/caws/ledger';
const serverMain = (): string => ground.onServer('rev-parse', 'main').trim();

async function land(files: Record<string, string> = better, base = ground.base): Promise<string> {
  const { commit } = await ground.publish(await ground.judge(files, { base }));
  return commit ?? '';
}

/** The commit again with another message, tree or parents, its trailers copied. */
function copied(commit: string, tree: string, ...parents: string[]): string {
  const message = ground.ask('log', '-1', '--format=%B', commit);
  return ground.ask('commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message.trim()).trim();
}

describe('what was judged and published', () => {
  it('is taken: the branch and its record in one push, and the next one upon it', async () => {
    const first = await land();
    expect(push(first, record)).toMatchObject({ code: 0 });
    expect(serverMain()).toBe(first);
    ground.ask('update-ref', 'refs/heads/main', first);
    const second = await land({ 'src/postage.js': 'export const postage = 3;\n' }, first);
    expect(push(second, record)).toMatchObject({ code: 0 });
    expect(serverMain()).toBe(second);
  });

  it('is refused without its record, and taken once the record is there', async () => {
    const commit = await land();
    const alone = push(commit);
    expect(alone.code).not.toBe(0);
    expect(alone.err).toMatch(/verdict-missing: no verdict \w{26} is on refs\/caws\/ledger/);
    expect(ground.git('push', 'origin', record)).toMatchObject({ code: 0 });
    expect(push(commit)).toMatchObject({ code: 0 });
  });
});

describe('attack 8: a PASS is replayed', () => {
  it('honest twin: on its own tree, base and repository it is taken', async () => {
    expect(push(await land(), record)).toMatchObject({ code: 0 });
  });

  it('on another tree is refused', async () => {
    const commit = await land();
    const other = ground.commit('other', { 'src/postage.js': 'export const postage = 99;\n' });
    const forged = copied(commit, ground.ask('rev-parse', `${other}^{tree}`).trim(), ground.base);
    const refused = push(forged, record);
    expect(refused.err).toMatch(/other-tree: the verdict judged tree/);
    expect(serverMain()).toBe(ground.base);
  });

  it('on another base is refused', async () => {
    const commit = await land();
    const human = ground.commit('govern', { '.caws/note.yaml': 'a: 1\n' }, { key: ground.humanKeyFile });
    const forged = copied(commit, ground.ask('rev-parse', `${commit}^{tree}`).trim(), human);
    const refused = push(forged, record);
    expect(refused.err).toMatch(/other-base: the verdict judged against/);
    expect(serverMain()).toBe(ground.base);
  });

  it('of another repository is refused, and so is its publication', async () => {
    const folder = await ground.judge(better, { edit: (verdict) => ({ ...verdict, repo_id: 'f'.repeat(64) }) });
    await expect(ground.publish(folder)).rejects.toMatchObject({
      code: 'VERDICT_UNPUBLISHABLE',
      message: expect.stringMatching(/another repository/) as string,
    });
  });
});

describe('attack 9: trailers are copied', () => {
  it('by a person, to a commit of the same tree and base: refused; its twin, whose they are, is taken', async () => {
    const commit = await land();
    const forged = copied(commit, ground.ask('rev-parse', `${commit}^{tree}`).trim(), ground.base);
    expect(forged).not.toBe(commit);
    const refused = push(forged, record);
    expect(refused.err).toMatch(/unsigned: the commit is not signed by the publish key/);
    expect(serverMain()).toBe(ground.base);
    expect(push(commit, record)).toMatchObject({ code: 0 });
  });
});

describe('attack 17: a way around', () => {
  it('honest twin: there is one, through arbiter publish', async () => {
    expect(push(await land(), record)).toMatchObject({ code: 0 });
  });

  it('by a direct push is refused, naming the commit', () => {
    const direct = ground.commit('no verdict', better);
    const refused = push(direct);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain(direct.slice(0, 12));
    expect(refused.err).toMatch(/unjudged: it changes src and names no verdict/);
  });

  it('by a merge commit with an extra tree is refused, though both its parents are covered', async () => {
    const commit = await land();
    const extra = ground.commit('extra', { 'src/evil.js': 'evil\n' });
    const tree = ground.ask('rev-parse', `${extra}^{tree}`).trim();
    const merge = ground.ask('commit-tree', tree, '-p', commit, '-p', ground.base, '-m', 'merge').trim();
    expect(push(merge, record).err).toMatch(/merge-commit: it is a merge/);
    const octopus = ground.ask('commit-tree', tree, '-p', commit, '-p', ground.base, '-p', extra, '-m', 'o').trim();
    expect(push(octopus, record).err).toMatch(/merge-commit: it is an octopus merge of 3/);
  });

  it('by force, by deletion or by another history is refused', async () => {
    const commit = await land();
    expect(push(commit, record)).toMatchObject({ code: 0 });
    expect(ground.git('push', '--force', 'origin', `${ground.base}:refs/heads/main`).err).toMatch(/ref-forced/);
    // Git itself would refuse to delete the branch of HEAD before it asks a hook.
    ground.onServer('config', 'receive.denyDeleteCurrent', 'ignore');
    expect(ground.git('push', 'origin', ':refs/heads/main').err).toMatch(/ref-deleted: the push deletes/);
    expect(ground.git('push', 'origin', ':refs/caws/ledger').err).toMatch(/ref-deleted/);
    const tree = ground.ask('rev-parse', `${ground.base}^{tree}`).trim();
    const root = ground.ask('commit-tree', tree, '-m', 'another beginning').trim();
    expect(ground.git('push', '--force', 'origin', `${root}:refs/heads/main`).err).toMatch(/ref-forced/);
    expect(serverMain()).toBe(commit);
  });

  it('by a record that was rewritten, or written by hand, is refused', async () => {
    const commit = await land();
    expect(push(commit, record)).toMatchObject({ code: 0 });
    const tip = ground.ask('rev-parse', 'refs/caws/ledger').trim();
    const empty = ground.ask('hash-object', '-t', 'tree', '/dev/null').trim();
    const emptied = ground.ask('commit-tree', empty, '-p', tip, '-m', 'gone').trim();
    const byHand = ground.git('push', 'origin', `${emptied}:refs/caws/ledger`);
    expect(byHand.err).toMatch(/record-unsigned/);
    expect(byHand.err).toMatch(/record-rewritten: it changes or takes away/);
    const anew = ground.ask('commit-tree', empty, '-m', 'anew').trim();
    expect(ground.git('push', '--force', 'origin', `${anew}:refs/caws/ledger`).err).toMatch(/ref-forced/);
    expect(ground.onServer('rev-parse', 'refs/caws/ledger').trim()).toBe(tip);
  });
});

describe('a tag', () => {
  it('is free where it is one, to move and to delete, and no way onto a protected branch', () => {
    const direct = ground.commit('no verdict', better);
    ground.ask('tag', '-f', 'light', direct);
    ground.ask('tag', '-f', '-a', '-m', 'heavy', 'heavy', direct);
    for (const name of ['light', 'heavy']) {
      expect(ground.git('push', 'origin', `refs/tags/${name}:refs/tags/${name}`)).toMatchObject({ code: 0 });
      const onto = ground.git('push', 'origin', `refs/tags/${name}:refs/heads/main`);
      expect(onto.code).not.toBe(0);
    }
    expect(ground.git('push', 'origin', 'refs/tags/light:refs/heads/main').err).toMatch(/unjudged/);
    expect(ground.git('push', 'origin', 'refs/tags/heavy:refs/heads/main').err).toMatch(/is a tag, not a commit/);
    expect(serverMain()).toBe(ground.base);
    for (const name of ['light', 'heavy'])
      expect(ground.git('push', 'origin', `:refs/tags/${name}`)).toMatchObject({ code: 0 });
  });
});

describe('a ref that nobody protects', () => {
  it('is free, but for the place of the record', () => {
    const direct = ground.commit('draft', better);
    expect(ground.git('push', 'origin', `${direct}:refs/heads/draft`)).toMatchObject({ code: 0 });
    expect(ground.git('push', 'origin', `${direct}:refs/caws/ledger/x`).err).toMatch(/ref-reserved/);
  });
});

describe('governance', () => {
  const note = { '.caws/note.yaml': 'a: 1\n' };
  it('is changed by a person’s signed commit', () => {
    expect(push(ground.commit('govern', note, { key: ground.humanKeyFile }))).toMatchObject({ code: 0 });
  });
  it('is not changed unsigned, by Arbiter’s own key, or together with code', () => {
    expect(push(ground.commit('govern', note)).err).toMatch(/unsigned: it changes .caws and is not signed/);
    const own = `${ground.ports.places.configHome}/keys/publish`;
    expect(push(ground.commit('govern', note, { key: own })).err).toMatch(/unsigned: .* no person/);
    const both = ground.commit('govern', { ...note, ...better }, { key: ground.humanKeyFile });
    expect(push(both).err).toMatch(/unjudged: it changes .caws, src/);
  });
});

describe('a verdict that does not count', () => {
  it('is not published: not PASS, advisory, unsigned, signed by a stranger, or over another change', async () => {
    const refusedWith = async (folder: string, words: RegExp): Promise<void> => {
      await expect(ground.publish(folder)).rejects.toMatchObject({
        code: 'VERDICT_UNPUBLISHABLE',
        message: expect.stringMatching(words) as string,
      });
    };
    const advisory = [{ kind: 'sandbox' as const, message: 'the sandbox is off' }];
    await refusedWith(
      await ground.judge(better, { edit: (v) => ({ ...v, advisory: true, advisory_reasons: advisory }) }),
      /only advises: the sandbox is off/,
    );
    await refusedWith(await ground.judge(better, { signer: null }), /not signed/);
    await refusedWith(await ground.judge(better, { signer: ground.publishKey }), /may not sign in namespace/);
    const other = await ground.judge(better, {
      edit: (v) => ({ ...v, change: v.change && { ...v.change, tree: 'a'.repeat(40) } }),
    });
    await refusedWith(other, /was judged/);
  });

  it('is not taken by the server when it is local', async () => {
    const folder = await ground.judge(better, { edit: (verdict) => ({ ...verdict, trust: 'local' }) });
    const { commit } = await ground.publish(folder);
    expect(push(commit ?? '', record).err).toMatch(/verdict-trust: the verdict is local/);
    await expect(ground.publish(folder, { mode: 'direct' })).rejects.toMatchObject({ code: 'VERDICT_UNPUBLISHABLE' });
  });
});
