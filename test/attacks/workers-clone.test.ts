import { existsSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { plainGit, scratchRepository } from '../contract/git/scratch-repository.js';
import { closeRooms, files, hasBubblewrap, opened } from '../contract/room-fixture.js';

// An agent that treats its clone as it likes: commits, rewrites, removes, fills it with what git cannot keep.
afterEach(closeRooms);

const kinds = [
  { sandbox: 'bubblewrap' as const, skip: !hasBubblewrap },
  { sandbox: 'none' as const, skip: false },
];
const whole = { in: ['.'] };

describe.each(kinds)('an agent and its clone, with sandbox $sandbox', ({ sandbox, skip }) => {
  const run = it.skipIf(skip);
  const work = 'echo mine >> src/main.js; echo new > src/new.js; rm src/deep/code.js';
  const done = ['src/deep/code.js', 'src/main.js', 'src/new.js'];

  run.each([
    ['leaves its work in the work tree', 'true'],
    ['commits by itself', 'git add -A; git commit -qm mine; git checkout -qb other'],
    ['stages half of it', 'git add src/new.js'],
    [
      'rewrites its history',
      'git add -A; git commit -q --amend -m x; git reflog expire --all --expire=now; git gc -q --prune=now',
    ],
    ['removes its .git', 'chmod -R u+w .git; rm -rf .git || find .git -mindepth 1 -delete'],
    [
      'hides its work by flags',
      'git update-index --assume-unchanged src/main.js; git update-index --skip-worktree src/deep/code.js',
    ],
    [
      'hides its work by rules',
      'echo "*" > .git/info/exclude; git config core.excludesFile /etc/passwd; git config core.worktree /tmp',
    ],
    [
      'plants hooks and filters',
      'mkdir -p .git/hooks; for h in post-checkout reference-transaction post-index-change; do printf "#!/bin/sh\\ntouch $PWD/ran" > .git/hooks/$h; chmod +x .git/hooks/$h; done; git config filter.x.clean "touch $PWD/ran"; echo "* filter=x" > .git/info/attributes; git config core.fsmonitor "touch $PWD/ran"',
    ],
  ] as const)('%s: it is measured the same', async (_name, deed) => {
    const { sh, changed, room, repository } = await opened({ sandbox });
    await sh(`${work}; ${deed}; true`);
    expect(await changed()).toEqual(done);
    const clone = scratchRepository(files);
    plainGit(clone.root, ['apply', '-'], await room.seal());
    expect(clone.git('status', '--porcelain', '-uall').split('\n').length).toBe(3);
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  run('removes its clone: that is told, and is no change', async () => {
    const { room, sh } = await opened({ sandbox, scope: whole });
    await sh('cd /; rm -rf "$OLDPWD"/* "$OLDPWD"/.[!.]* 2>/dev/null; true');
    if (sandbox === 'bubblewrap') {
      // Files that are mounted by themselves stay.
      await expect(room.seal()).resolves.toBeDefined();
      return;
    }
    await expect(room.seal()).rejects.toMatchObject({ code: 'CLONE_LOST' });
    rmSync(room.folder, { recursive: true });
    await expect(room.seal()).rejects.toMatchObject({ code: 'CLONE_LOST' });
  });

  run('empties a clone in which nothing is protected', async () => {
    const repository = scratchRepository({ 'a.txt': 'a\n', 'b/c.txt': 'c\n' });
    const { room, sh, changed } = await opened({ sandbox, scope: whole }, { repository });
    await sh('rm a.txt');
    expect(await changed()).toEqual(['a.txt']);
    await sh('rm -rf b .git');
    await expect(room.seal()).rejects.toMatchObject({ code: 'CLONE_LOST' });
  });

  run('makes repositories inside of it: a clear fault, and none when they are ignored', async () => {
    const { room, sh, changed } = await opened({ sandbox });
    await sh(
      'mkdir src/vendor && cd src/vendor && git init -q && echo x > x && git add -A && git -c user.name=a -c user.email=a@b commit -qm x',
    );
    await expect(room.seal()).rejects.toMatchObject({
      code: 'WORK_UNMEASURABLE',
      message: expect.stringContaining('src/vendor'),
    });
    await sh('echo "vendor/" > src/.gitignore');
    expect(await changed()).toEqual(['src/.gitignore']);
  });

  run('leaves a submodule dirty: a clear fault, and none when it is left alone', async () => {
    const inner = scratchRepository({ x: 'x\n' });
    const repository = scratchRepository(files);
    plainGit(repository.root, [
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      inner.root,
      'src/sub',
    ]);
    repository.commit();
    const { room, sh, changed } = await opened({ sandbox }, { repository });
    await sh('echo more >> src/main.js');
    expect(await changed()).toEqual(['src/main.js']);
    await sh('echo dirty > src/sub/x');
    await expect(room.seal()).rejects.toMatchObject({
      code: 'WORK_UNMEASURABLE',
      message: expect.stringContaining('submodule'),
    });
  });

  run('leaves names that collide on other systems: each is measured for itself', async () => {
    const { sh, changed } = await opened({ sandbox });
    await sh(
      `printf 1 > src/MAIN.js; printf 2 > "src/n\u00e4.js"; printf 3 > "src/na\u0308.js"; printf 4 > "src/ta\tb"`,
    );
    expect(await changed()).toHaveLength(4);
  });

  run('leaves FIFOs, sockets and a disk’s worth: nobody waits, nothing is swallowed', async () => {
    const { room, sh, changed } = await opened({ sandbox });
    await sh('mkfifo src/pipe; rm src/main.js; mkfifo src/main.js; ln -s pipe src/to-pipe');
    expect(await changed()).toEqual(['src/main.js', 'src/to-pipe']);
    await sh('truncate -s 900M src/huge');
    await expect(room.seal()).rejects.toMatchObject({
      code: 'WORK_UNMEASURABLE',
      message: expect.stringContaining('src/huge'),
    });
    await sh('rm src/huge; mkfifo src/.gitignore');
    await expect(room.seal()).rejects.toMatchObject({ code: 'WORK_UNMEASURABLE' });
  });

  run('cannot make the clone into a way to the host for the next program', async () => {
    const outside = scratchRepository({ 'src/main.js': 'of the host\n', 'src/deep/AGENTS.md': 'of the host\n' });
    const { room, sh } = await opened({ sandbox });
    await sh(`mv src src2; ln -s ${outside.root}/src src; mv .git git2; ln -s ${outside.root}/.git .git; true`);
    if (sandbox === 'none') return;
    expect(await sh('cat src/main.js src/deep/AGENTS.md; git log --format=%s')).toBe('main\ndeep rules\nbase\n');
    expect(outside.git('status', '--porcelain')).toBe('');
    expect(Buffer.from(await room.seal()).toString()).not.toContain('of the host');
  });

  run('leaves a folder that is closed to us', async () => {
    const { room, sh, leases } = await opened({ sandbox });
    await sh('mkdir src/closed; echo x > src/closed/x; chmod 0 src/closed');
    const [lease] = await leases.list();
    await room.close();
    expect(existsSync(lease?.what ?? '')).toBe(false);
  });
});
