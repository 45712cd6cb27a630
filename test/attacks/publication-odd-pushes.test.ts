import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGround, runGit, type Ground } from './publication-world.js';

// Pushes that are no attack by their commits: cut histories, broken installations, very many at once.
let ground: Ground;
beforeAll(async () => {
  ground = await createGround();
});
afterAll(() => ground.close());
beforeEach(() => {
  ground.onServer('update-ref', 'refs/heads/main', ground.base);
});

const better = { 'src/postage.js': 'export const postage = 2;\n' };
const serverMain = (): string => ground.onServer('rev-parse', 'main').trim();
const git = (cwd: string, ...argv: string[]) => runGit(ground.world.home, cwd, argv);

describe('a push out of a shallow clone', () => {
  /** A clone that knows the last commit of a branch and not the one before it, which the server lacks as well. */
  function cutOff(): { readonly clone: string; readonly head: string } {
    const first = ground.commit('first', better);
    const head = ground.commit('second', { 'src/postage.js': 'export const postage = 3;\n' }, { on: first });
    ground.ask('branch', '-f', 'cut', head);
    const clone = join(ground.world.home, `cut-${head}`);
    if (!existsSync(clone))
      ground.ask('clone', '-q', '--depth', '1', '--branch', 'cut', `file://${ground.clone}`, clone);
    return { clone, head };
  }

  it('whose history the server does not have is refused by git itself', () => {
    const { clone, head } = cutOff();
    const pushed = git(clone, 'push', ground.server, `${head}:refs/heads/main`);
    expect(pushed.code).not.toBe(0);
    expect(pushed.err).toMatch(/shallow update not allowed|non-fast-forward|fetch first/);
    expect(serverMain()).toBe(ground.base);
  });

  it('is refused by the hook where the server takes cut histories, and stays out', () => {
    const { clone, head } = cutOff();
    ground.onServer('config', 'receive.shallowUpdate', 'true');
    const pushed = git(clone, 'push', '--force', ground.server, `${head}:refs/heads/main`);
    ground.onServer('config', '--unset', 'receive.shallowUpdate');
    expect(pushed.code).not.toBe(0);
    expect(pushed.err).toMatch(
      /arbiter: the push cannot be judged, and is refused: [^]*shallow or partial clone run git fetch --unshallow/,
    );
    expect(serverMain()).toBe(ground.base);
    expect(existsSync(join(ground.server, 'shallow'))).toBe(false);
  });

  it('is judged like any other where it only adds to what the server has', () => {
    const clone = join(ground.world.home, 'tip');
    ground.ask('clone', '-q', '--depth', '1', '--branch', 'main', `file://${ground.server}`, clone);
    writeFileSync(join(clone, 'src/postage.js'), 'export const postage = 9;\n');
    expect(git(clone, 'commit', '-qam', 'no verdict')).toMatchObject({ code: 0 });
    const pushed = git(clone, 'push', 'origin', 'HEAD:refs/heads/main');
    expect(pushed.code).not.toBe(0);
    expect(pushed.err).toMatch(/unjudged/);
    expect(serverMain()).toBe(ground.base);
  });
});

describe('a hook whose surroundings are broken', () => {
  const record = 'refs/caws/ledger:refs/caws/ledger';
  const push = (commit: string, env: Record<string, string> = {}) =>
    spawnSync('git', ['push', 'origin', `${commit}:refs/heads/main`, record], {
      cwd: ground.clone,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: ground.world.home, GIT_CONFIG_NOSYSTEM: '1', ...env },
    });
  let commit = '';
  beforeAll(async () => {
    commit = (await ground.publish(await ground.judge(better))).commit ?? '';
  });

  it('needs no database: what the push brings proves it', () => {
    const pushed = push(commit, { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' });
    expect({ status: pushed.status, err: pushed.stderr }).toMatchObject({ status: 0 });
    expect(serverMain()).toBe(commit);
  });

  it('refuses and names what is wrong with its settings', () => {
    const refused = push(commit, { DATABASE_URL: 'nonsense' });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/is no postgresql:\/\/ address/);
    expect(serverMain()).toBe(ground.base);
  });

  it.each([
    [
      'node is gone',
      (hook: string) => hook.replace(/^node=.*$/m, "node='/nonexistent/node'"),
      /arbiter hook install --server/,
    ],
    [
      'Arbiter’s program is broken',
      (hook: string) => hook.replace(/^main=.*$/m, `main='${process.execPath}'`),
      /SyntaxError/,
    ],
  ])('refuses when %s', (_, spoil, said) => {
    const path = join(ground.server, 'hooks/pre-receive');
    const kept = readFileSync(path, 'utf8');
    writeFileSync(path, spoil(kept));
    chmodSync(path, 0o755);
    const refused = push(commit);
    writeFileSync(path, kept);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(said);
    expect(serverMain()).toBe(ground.base);
    expect(push(commit).status).toBe(0);
  });
});

describe('ten thousand commits in one push', () => {
  it('are refused, the first by name and the rest by number, within 256 MB of heap, in seconds', () => {
    const stream = Array.from({ length: 10_000 }, (_, index) => {
      const from = index === 0 ? `from ${ground.base}\n` : '';
      return `commit refs/heads/flood\ncommitter A <a@example.org> ${1_700_000_000 + index} +0000\ndata 1\nm\n${from}M 100644 inline src/n.js\ndata <<E\n${index}\nE\n\n`;
    });
    expect(runGit(ground.world.home, ground.clone, ['fast-import', '--quiet'], stream.join('')).code).toBe(0);
    const startedMs = performance.now();
    const pushed = spawnSync('git', ['push', 'origin', 'refs/heads/flood:refs/heads/main'], {
      cwd: ground.clone,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: ground.world.home,
        GIT_CONFIG_NOSYSTEM: '1',
        NODE_OPTIONS: '--max-old-space-size=256',
      },
    });
    const tookMs = performance.now() - startedMs;
    expect(pushed.status).not.toBe(0);
    expect(pushed.stderr.match(/unjudged/g)).toHaveLength(20);
    expect(pushed.stderr).toMatch(/… and 9980 more/);
    expect(pushed.stderr).not.toMatch(/heap out of memory/);
    // A process a commit would take minutes.
    expect(tookMs).toBeLessThan(60_000);
    expect(serverMain()).toBe(ground.base);
    process.stderr.write(`a push of 10,000 commits refused in ${Math.round(tookMs)} ms\n`);
  });
});
