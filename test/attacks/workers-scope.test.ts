import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { scratchFolder, scratchRepository } from '../contract/git/scratch-repository.js';
import { closeRooms, files, hasBubblewrap, opened } from '../contract/room-fixture.js';

// An agent that writes where it may not: by its tools, by a shell, through links, over mounts.
afterEach(closeRooms);

const walled = it.skipIf(!hasBubblewrap);
const kinds = [
  { sandbox: 'bubblewrap' as const, skip: !hasBubblewrap },
  { sandbox: 'none' as const, skip: false },
];

/** Tries to write each path by a shell; the paths that could be written. */
async function writable(sh: (script: string) => Promise<string>, paths: readonly string[]): Promise<string[]> {
  const said = await sh(paths.map((path) => `(echo x >> '${path}') 2>/dev/null && echo '${path}'`).join('; '));
  return said.split('\n').filter((line) => line !== '');
}

describe('an agent that writes outside of its scope', () => {
  walled('by a shell: the file system is read-only there, and inside the scope it is not', async () => {
    const { sh, changed } = await opened({
      scope: { in: ['src/', 'test/main.test.js'], out: ['src/secret/'] },
      protectedPaths: ['src/main.js'],
    });
    const tried = [
      ...Object.keys(files),
      'new.txt',
      'lib/new.js',
      'src/new.js',
      'src/deep/new.js',
      'src/secret/new.js',
      'test/new.js',
      '.caws/new',
      '.github/new',
    ];
    expect(await writable(sh, tried)).toEqual([
      'src/deep/code.js',
      'test/main.test.js',
      'src/new.js',
      'src/deep/new.js',
    ]);
    expect(await changed()).toEqual(['src/deep/code.js', 'src/deep/new.js', 'src/new.js', 'test/main.test.js']);
  });

  walled('with the whole repository in scope: what is protected is read-only all the same', async () => {
    const { sh } = await opened({ scope: { in: ['.'] } });
    const protectedOnes = [
      'AGENTS.md',
      '.caws/policy.yaml',
      '.caws/new',
      '.github/workflows/ci.yml',
      '.github/workflows/new.yml',
      'src/deep/AGENTS.md',
    ];
    const open = ['lib/other.js', 'src/main.js', '.github/dependabot.yml', 'src/deep/new.js', 'top.txt'];
    expect(await writable(sh, [...protectedOnes, ...open])).toEqual(open);
  });

  walled('by moving what is in the way: a mount stays where it is', async () => {
    const { sh, changed } = await opened({ scope: { in: ['src/'] } });
    const said = await sh(
      'mv src/deep src/gone; rm -rf src/deep; mv src/deep/AGENTS.md src/x; ln -sfn /etc src/deep; mv src other; rm -rf src; umount src/deep/AGENTS.md; mount -o remount,rw src/deep/AGENTS.md; cat src/deep/AGENTS.md',
    );
    expect(said).toMatch(/busy/i);
    expect(said).toMatch(/deep rules\n$/);
    expect((await changed()).filter((path) => path.includes('AGENTS.md'))).toEqual([]);
  });

  walled('by a glob: its folder takes new files, what is there and does not match is read-only', async () => {
    const { sh, room } = await opened({ scope: { in: ['src/*.js', 'new/place/**/*.js', 'lib/added.js'] } });
    const tried = [
      'src/main.js',
      'src/new.js',
      'src/deep/code.js',
      'src/deep/AGENTS.md',
      'new/place/a.js',
      'lib/added.js',
      'lib/other.js',
      'new/b.js',
    ];
    expect(await writable(sh, tried)).toEqual(['src/main.js', 'src/new.js', 'new/place/a.js', 'lib/added.js']);
    // What mounts cannot say is said here, and by the examination.
    expect(room.refuses('src/new.txt')).toMatch('outside of the scope');
    expect(room.refuses('lib/third.js')).toMatch('outside of the scope');
  });

  walled('by links that the repository itself brings into the way', async () => {
    const outside = scratchFolder();
    writeFileSync(join(outside, 'AGENTS.md'), 'of the host\n');
    const repository = scratchRepository(files);
    repository.link('link', outside);
    repository.link('src/sub/AGENTS.md', join(outside, 'AGENTS.md'));
    repository.commit();
    const { sh, room } = await opened({ scope: { in: ['src/', 'link/new.js', 'link/'] } }, { repository });
    expect(await sh('cat link/AGENTS.md src/sub/AGENTS.md; ls link/')).not.toContain('of the host');
    expect(await room.readFile('src/sub/AGENTS.md')).toBe(null);
    expect(existsSync(join(outside, 'new.js'))).toBe(false);
  });
});

describe.each(kinds)('an agent that plants links, with sandbox $sandbox', ({ sandbox, skip }) => {
  const run = it.skipIf(skip);

  run('is read and written through by nobody: neither by its tools nor by the measuring', async () => {
    const outside = scratchFolder();
    writeFileSync(join(outside, 'secret'), 'of the host\n');
    const { room, sh, changed } = await opened({ sandbox });
    await sh(
      `ln -s ${outside} src/folder; ln -s ${outside}/secret src/file; ln -s ../lib/other.js src/inside; ln -s ${outside}/made src/dangling; ln src/main.js src/hard; mkfifo src/pipe`,
    );
    for (const path of ['src/folder/secret', 'src/file']) {
      // With walls the place is not there at all; without them it is refused.
      const seen = await room.readFile(path).catch((error: unknown) => error);
      if (sandbox === 'bubblewrap') expect(seen).toBe(null);
      else expect(seen).toMatchObject({ code: 'AGENT_FAILED', message: expect.stringContaining('outside') });
    }
    expect(Buffer.from((await room.readFile('src/inside')) ?? []).toString()).toBe('other\n');
    await expect(room.readFile('src/pipe')).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    for (const path of ['src/folder/new', 'src/file', 'src/inside', 'src/dangling', 'src/pipe']) {
      await expect(room.writeFile(path, Buffer.from('x'))).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    }
    await room.writeFile('src/honest/new', Buffer.from('x'));
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('of the host\n');
    expect(existsSync(join(outside, 'new')) || existsSync(join(outside, 'made'))).toBe(false);
    const patch = Buffer.from(await room.seal()).toString();
    expect(patch).toContain(`new file mode 120000`);
    expect(patch).not.toContain('of the host');
    expect(await changed()).toEqual([
      'src/dangling',
      'src/file',
      'src/folder',
      'src/hard',
      'src/honest/new',
      'src/inside',
    ]);
  });

  run('and turns a folder into a link in the middle of it', async () => {
    const outside = scratchFolder();
    const { room, sh } = await opened({ sandbox });
    const turning = room.start({
      argv: [
        '/bin/sh',
        '-c',
        `while :; do mkdir -p src/turn; rm -rf src/turn; ln -s ${outside} src/turn; rm src/turn; done`,
      ],
    });
    const { kill, ended } = await turning;
    for (let count = 0; count < 200; count += 1) {
      await room.writeFile('src/turn/file', Buffer.from('x')).catch(() => undefined);
    }
    kill();
    await ended;
    expect(existsSync(join(outside, 'file'))).toBe(false);
    await sh('rm -rf src/turn');
    await room.writeFile('src/turn/file', Buffer.from('x'));
    expect(Buffer.from((await room.readFile('src/turn/file')) ?? []).toString()).toBe('x');
  });
});
