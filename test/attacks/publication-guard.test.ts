import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installHook } from '../../src/app/hook/install.js';
import { init } from '../../src/app/init/init.js';
import { verifyRange } from '../../src/app/verify-range/verify-range.js';
import { rangeReportSchema } from '../../src/core/caws/publication/range-report.js';
import { arbiter } from '../e2e/cli.js';
import { createGround, runGit, type Ground } from './publication-world.js';

let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());

const better = { 'src/postage.js': 'export const postage = 2;\n' };
const verify = (range: string, repository = ground.clone, more: object = {}) =>
  verifyRange.run(ground.ports, verifyRange.input.parse({ repository, range, ...more }), ground.world.context);
const install = (input: object) => installHook.run(ground.ports, installHook.input.parse(input), ground.world.context);

describe('arbiter verify', () => {
  let commit = '';
  beforeAll(async () => {
    commit = (await ground.publish(await ground.judge(better))).commit ?? '';
  });

  it('covers each commit by its verdict or its person, and says by which', async () => {
    const human = ground.commit('govern', { '.caws/note.yaml': 'a: 1\n' }, { on: commit, key: ground.humanKeyFile });
    const report = await verify(`${ground.base}..${human}`);
    expect(report).toMatchObject({ verified: true, commits: 2, refusals: [] });
    expect(report.covered.map(({ by }) => by)).toEqual(['verdict', 'human']);
    expect(report.covered[1]?.name).toBe('ada@example.org');
  });

  it('prints on the command line what --json says, with exit code 0 or 1', () => {
    const run = (...argv: string[]) => arbiter(['verify', ...argv], { home: ground.world.home, cwd: ground.clone });
    expect(run(`${ground.base}..${commit}`)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^VERIFIED 1 commit/) as string,
    });
    const direct = ground.commit('no verdict', { 'src/x.js': 'x\n' }, { on: commit });
    const refused = run(`${ground.base}..${direct}`, '--json');
    expect(refused.code).toBe(1);
    // The published shape, and nothing beside it.
    expect(rangeReportSchema.parse(JSON.parse(refused.out))).toMatchObject({
      verified: false,
      refusals: [{ commit: direct, reason: 'unjudged' }],
    });
    expect(run('main').err).toMatch(/"main" is not a range/);
  });

  it('trusts the root that is named instead of the pinned one, and no other', async () => {
    const pub = join(ground.ports.places.configHome, 'keys/root.pub');
    expect(await verify(`${ground.base}..${commit}`, ground.clone, { root: pub })).toMatchObject({ verified: true });
    const report = await verify(`${ground.base}..${commit}`, ground.clone, { root: `${ground.humanKeyFile}.pub` });
    expect(report.refusals).toMatchObject([{ reason: 'keyring' }]);
    const secret = verify(`${ground.base}..${commit}`, ground.clone, { root: ground.humanKeyFile });
    await expect(secret).rejects.toMatchObject({ code: 'ROOT_KEY_INVALID' });
  });

  it('refuses a tag, a range backwards, a missing object and a shallow clone', async () => {
    ground.ask('tag', '-a', '-m', 'tag', 'v1', commit);
    await expect(verify(`${ground.base}..v1`)).rejects.toThrow(/"v1" is a tag, not a commit/);
    expect(await verify(`${commit}..${ground.base}`)).toMatchObject({ refusals: [{ reason: 'ref-forced' }] });
    const shallow = join(ground.world.home, 'shallow');
    ground.ask('clone', '-q', '--depth', '1', '--branch', 'main', `file://${ground.server}`, shallow);
    await expect(verify('HEAD..HEAD', shallow)).rejects.toThrow(/shallow clone/);
    const lost = ground.commit('lost', { 'src/lost.js': 'x\n' });
    const child = ground.commit('child', { 'src/child.js': 'x\n' }, { on: lost });
    rmSync(join(ground.clone, '.git/objects', lost.slice(0, 2), lost.slice(2)));
    await expect(verify(`${ground.base}..${child}`)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('judges 10,000 commits with a handful of processes', async () => {
    const stream = Array.from({ length: 10_000 }, (_, index) => {
      const from = index === 0 ? `from ${ground.base}\n` : '';
      return `commit refs/heads/many\ncommitter A <a@example.org> ${1_700_000_000 + index} +0000\ndata 1\nm\n${from}M 100644 inline src/n.js\ndata <<E\n${index}\nE\n\n`;
    });
    expect(runGit(ground.world.home, ground.clone, ['fast-import', '--quiet'], stream.join(''))).toMatchObject({
      code: 0,
    });
    const started = performance.now();
    const report = await verify(`${ground.base}..refs/heads/many`);
    const tookMs = performance.now() - started;
    expect(report.commits).toBe(10_000);
    expect(report.refusals).toHaveLength(10_000);
    // A process a commit would take more than a minute on its own.
    expect(tookMs).toBeLessThan(45_000);
    process.stderr.write(`10,000 commits judged in ${Math.round(tookMs)} ms\n`);
  });
});

describe('hook install', () => {
  const hook = (): string => join(ground.server, 'hooks/pre-receive');

  it('twice is once, and says how to take it away', async () => {
    const again = await install({ repository: ground.server, kind: 'server' });
    expect(again).toMatchObject({ written: false, path: hook(), protect: ['refs/heads/main'] });
    expect(again.next.join('\n')).toContain(`rm ${hook()}`);
    expect(statSync(hook()).mode & 0o777).toBe(0o755);
  });

  it('never overwrites a hook of somebody else', async () => {
    const path = join(ground.clone, '.git/hooks/pre-push');
    writeFileSync(path, '#!/bin/sh\nexit 0\n');
    await expect(install({ repository: ground.clone, kind: 'client' })).rejects.toMatchObject({ code: 'HOOK_FOREIGN' });
    expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    rmSync(path);
  });

  it('refuses a work tree as a server, and a repository whose hooks are elsewhere', async () => {
    await expect(install({ repository: ground.clone, kind: 'server' })).rejects.toMatchObject({
      code: 'HOOK_UNSUITABLE',
    });
    ground.ask('config', 'core.hooksPath', '/nonexistent');
    await expect(install({ repository: ground.clone, kind: 'client' })).rejects.toThrow(/core.hooksPath/);
    ground.ask('config', '--unset', 'core.hooksPath');
  });

  it('without arbiter itself the server’s hook refuses, and says how to repair it', async () => {
    const kept = readFileSync(hook(), 'utf8');
    writeFileSync(hook(), kept.replace(/^main=.*$/m, "main='/nonexistent/main.js'"));
    chmodSync(hook(), 0o755);
    const refused = ground.git('push', 'origin', `${ground.commit('x', better)}:refs/heads/main`);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/cannot find arbiter at \/nonexistent\/main.js: the push is refused/);
    expect(refused.err).toMatch(/arbiter hook install --server/);
    expect(await install({ repository: ground.server, kind: 'server' })).toMatchObject({ written: true });
    expect(readFileSync(hook(), 'utf8')).toBe(kept);
  });

  it('in a clone warns of what a server would refuse, and lets the push go', async () => {
    const bare = join(ground.world.home, 'unguarded.git');
    ground.ask('clone', '-q', '--bare', ground.server, bare);
    expect(await install({ repository: ground.clone, kind: 'client' })).toMatchObject({ written: true });
    const direct = ground.commit('no verdict', better);
    const pushed = ground.git('push', bare, `${direct}:refs/heads/main`);
    expect(pushed.err).toMatch(/would refuse this push/);
    expect(pushed.err).toMatch(/unjudged/);
    expect(pushed.code).toBe(0);
  });
});

describe('init --github', () => {
  it('writes the required check with the root’s key, and leaves one alone that is there', async () => {
    const input = { repository: ground.clone, github: true };
    const path = join(ground.clone, '.github/workflows/arbiter-verify.yml');
    expect(existsSync(path)).toBe(false);
    const made = await init.run(ground.ports, input, ground.world.context);
    expect(made.written).toContain('.github/workflows/arbiter-verify.yml');
    const text = readFileSync(path, 'utf8');
    expect(ground.ports.documents.read(Buffer.from(text), 'workflow').value).toMatchObject({
      permissions: { contents: 'read' },
      jobs: { 'arbiter-verify': { name: 'arbiter-verify' }, 'arbiter-audit': { name: 'arbiter-audit' } },
    });
    // The required check judges what is asked to be merged; the audit what was pushed.
    expect(text).toMatch(/arbiter verify "\$BASE\.\.\$HEAD" --root/);
    expect(text).toMatch(/arbiter audit "\$AFTER" --base "\$BEFORE" --root/);
    expect(text).toMatch(/arbiter audit "\$AFTER" --root/);
    expect(text).toContain(readFileSync(join(ground.ports.places.configHome, 'keys/root.pub'), 'utf8').split(' ')[1]);
    writeFileSync(path, '# mine\n');
    const again = await init.run(ground.ports, input, ground.world.context);
    expect(again.kept).toContain('.github/workflows/arbiter-verify.yml');
    expect(readFileSync(path, 'utf8')).toBe('# mine\n');
  });
});
