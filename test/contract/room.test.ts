import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { closeRooms, files, hasBubblewrap, opened } from './room-fixture.js';
import { scratchRepository } from './git/scratch-repository.js';

afterEach(closeRooms);

const kinds = [
  { sandbox: 'bubblewrap' as const, skip: !hasBubblewrap },
  { sandbox: 'none' as const, skip: false },
];

describe.each(kinds)('a room with sandbox $sandbox', ({ sandbox, skip }) => {
  const run = it.skipIf(skip);

  run('holds a clone of the base that git works in, a home and nothing of our environment', async () => {
    process.env['ARBITER_TEST_SECRET'] = 'planted';
    const { room, sh } = await opened({ sandbox });
    const said = await sh('git status --porcelain; git log --format=%s; pwd; echo "$HOME"; ls -A "$HOME"; env');
    delete process.env['ARBITER_TEST_SECRET'];
    expect(said).toMatch(new RegExp(`^base\n${room.folder}\n${room.home}\n`));
    expect(said).not.toContain('planted');
    expect(room.baseUrl).toBe(null);
  });

  run('measures what was done, committed or not', async () => {
    const { room, sh, changed } = await opened({ sandbox });
    expect(await room.seal()).toHaveLength(0);
    await sh('echo new > src/new.js; echo more >> src/main.js; git add -A; git commit -qm mine; rm src/deep/code.js');
    expect(await changed()).toEqual(['src/deep/code.js', 'src/main.js', 'src/new.js']);
  });

  run('starts from a patch and measures it with the rest', async () => {
    const startPatch = Buffer.from('--- a/src/main.js\n+++ b/src/main.js\n@@ -1 +1 @@\n-main\n+started\n');
    const { sh, changed } = await opened({ sandbox, startPatch });
    expect(await sh('cat src/main.js; git status --porcelain')).toBe('started\n M src/main.js\n');
    await sh('echo new > src/new.js');
    expect(await changed()).toEqual(['src/main.js', 'src/new.js']);
  });

  run('talks with a program that lives on, and runs others beside it in the same clone', async () => {
    const { room, sh } = await opened({ sandbox });
    const live = await room.start({ argv: ['/bin/sh', '-c', 'while read w; do echo "$w" > src/$w; echo ok; done'] });
    const said = live.stdout[Symbol.asyncIterator]();
    await live.write(Buffer.from('word\n'));
    expect(Buffer.from((await said.next()).value ?? []).toString()).toBe('ok\n');
    expect(await sh('cat src/word; echo shared > /$TMPDIR/x')).toBe('word\n');
    expect(await room.run({ argv: ['/bin/sh', '-c', 'pwd; cat $TMPDIR/x'], cwd: 'src' })).toMatchObject({
      exit: 0,
      output: `${room.folder}/src\nshared\n`,
    });
    live.endInput();
    expect(await live.ended).toMatchObject({ exit: 0, ended: 'exited' });
  });

  run('reads and writes files from inside, quickly', async () => {
    const { room, changed } = await opened({ sandbox });
    expect(Buffer.from((await room.readFile('src/main.js')) ?? []).toString()).toBe('main\n');
    expect(await room.readFile('src/none.js')).toBe(null);
    expect(await room.readFile('src/main.js/none')).toBe(null);
    const bytes = Buffer.alloc(3_000_000, 7);
    await room.writeFile('src/a/b/c.bin', bytes);
    expect(bytes.equals((await room.readFile('src/a/b/c.bin')) ?? bytes.subarray(1))).toBe(true);
    await room.writeFile('src/main.js', Buffer.from('x'));
    const startedMs = performance.now();
    for (let count = 0; count < 20; count += 1) await room.readFile('src/main.js');
    expect((performance.now() - startedMs) / 20).toBeLessThan(50);
    expect(await changed()).toEqual(['src/a/b/c.bin', 'src/main.js']);
    await expect(room.readFile('src')).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    await expect(room.readFile('../x')).rejects.toMatchObject({ code: 'AGENT_FAILED' });
  });

  run('writes files of the home, before and after a program ran', async () => {
    const { room, sh } = await opened({ sandbox });
    await room.writeHome('.config/agent/settings.json', '{"a":1}');
    expect(await sh('cat ~/.config/agent/settings.json; ln -s /etc ~/link; mkdir ~/d')).toBe('{"a":1}');
    await room.writeHome('d/later', 'later');
    expect(await sh('cat ~/d/later')).toBe('later');
    await expect(room.writeHome('link/x', 'x')).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    await expect(room.writeHome('../x', 'x')).rejects.toMatchObject({ code: 'AGENT_FAILED' });
  });

  run('says which paths may not be written, and does not write them', async () => {
    const { room, changed } = await opened({
      sandbox,
      scope: { in: ['src/', 'test/**/*.test.js'], out: ['src/secret/'], support: ['docs/'] },
      protectedPaths: ['src/main.js'],
    });
    const allowed = ['src/new.js', 'src/deep/code.js', 'test/a/b.test.js', 'docs/new.md'];
    expect(allowed.map((path) => room.refuses(path))).toEqual(allowed.map(() => null));
    const refused = [
      'lib/other.js',
      'src/secret/keys.js',
      'src/main.js',
      'AGENTS.md',
      'src/deep/AGENTS.md',
      '.caws/x',
      'test/a.js',
      '../x',
      '/etc/x',
      'src/../lib/x',
      '.git/config',
      'src/.GIT/x',
    ];
    for (const path of refused) {
      expect([path, room.refuses(path)]).toEqual([path, expect.any(String)]);
      await expect(room.writeFile(path, Buffer.from('x'))).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    }
    expect(await changed()).toEqual([]);
  });

  run('writes nothing in a plan', async () => {
    const { room, sh, changed } = await opened({ sandbox }, { mode: 'plan' });
    expect(room.refuses('src/main.js')).toMatch('plan');
    await expect(room.writeFile('src/main.js', Buffer.from('x'))).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    expect(await sh('cat src/main.js; git status --porcelain; touch ~/x $TMPDIR/y && echo fine')).toBe('main\nfine\n');
    if (sandbox === 'bubblewrap')
      expect(await sh('echo x > src/main.js; rm -rf .git src; echo done')).toMatch(/Read-only/);
    expect(await changed()).toEqual([]);
  });

  run('caps the output and the time of a program', async () => {
    const { room } = await opened({ sandbox });
    const loud = await room.run({ argv: ['yes'], maxOutputBytes: 10_000 });
    expect(loud).toMatchObject({ exit: null, ended: 'output-limit' });
    expect(loud.output.length).toBe(10_000);
    expect(await room.run({ argv: ['sleep', '30'], timeoutMs: 200 })).toMatchObject({ exit: null, ended: 'timeout' });
    expect(await room.run({ argv: ['no-such-program'] })).toMatchObject({ exit: 127 });
    expect((await room.run({ argv: ['true'], cwd: 'none' })).exit).not.toBe(0);
    expect(room.whyStopped()).toBe(null);
  });

  run('ends all at the task’s time, and says so', async () => {
    const { room } = await opened({ sandbox, bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 400 } });
    expect(await room.run({ argv: ['sleep', '30'] })).toMatchObject({ exit: null, ended: 'timeout' });
    expect(room.whyStopped()).toMatchObject({ code: 'BOUND_REACHED' });
    await expect(room.start({ argv: ['true'] })).rejects.toMatchObject({ code: 'BOUND_REACHED' });
  });

  run(
    'takes its lease before it makes anything, and gives it back when all is gone; closing twice is closing once',
    async () => {
      const { room, leases, repository } = await opened({ sandbox });
      const [lease] = await leases.list();
      expect(existsSync(lease?.what ?? '')).toBe(true);
      const live = await room.start({ argv: ['sleep', '305.125'] });
      await Promise.all([room.close(), room.close()]);
      await room.close();
      expect(await live.ended).toMatchObject({ exit: null, ended: 'aborted' });
      expect(existsSync(lease?.what ?? '')).toBe(false);
      expect(leases.story).toEqual(['take early', 'release late']);
      await expect(room.start({ argv: ['true'] })).rejects.toMatchObject({ code: 'AGENT_CANCELLED' });
      expect(repository.git('status', '--porcelain')).toBe('');
    },
  );

  run('leaves nothing when it cannot be opened', async () => {
    const repository = scratchRepository(files);
    // A folder for temporary things of its own: others work in the machine's at the same time.
    const temporary = mkdtempSync(join(tmpdir(), 'arbiter-none-left-'));
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(temporary, { recursive: true });
    });
    const agent = agentProfileSchema.parse({
      name: 'keyless',
      kind: 'cli',
      endpoint: { protocol: 'openai-chat', base_url: 'http://127.0.0.1:9/v1', key_env: 'NO_SUCH_KEY' },
    });
    await expect(opened({ sandbox, agent }, { repository })).rejects.toMatchObject({ code: 'AGENT_REFUSED_KEY' });
    await expect(opened({ sandbox, base: '0'.repeat(40) }, { repository })).rejects.toMatchObject({
      code: 'UNKNOWN_REVISION',
    });
    await expect(opened({ sandbox, startPatch: Buffer.from('nonsense') }, { repository })).rejects.toMatchObject({
      code: 'PATCH_DOES_NOT_APPLY',
    });
    await expect(opened({ sandbox }, { repository, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'AGENT_CANCELLED',
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  run('works on a repository with names that are no text', async () => {
    const repository = scratchRepository(files);
    repository.write(Buffer.from([0x73, 0x72, 0x63, 0x2f, 0xff]), 'odd\n');
    repository.link('src/link', '../lib/other.js');
    repository.commit();
    const { room, sh, changed } = await opened({ sandbox }, { repository });
    await sh('echo x >> src/main.js');
    expect(await changed()).toEqual(['src/main.js']);
    expect(Buffer.from((await room.readFile('src/link')) ?? []).toString()).toBe('other\n');
  });
});
