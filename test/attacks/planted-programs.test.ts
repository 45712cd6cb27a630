import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { trustedPath } from '../../src/adapters/sandbox/host-tools.js';
import { arbiter } from '../e2e/cli.js';
import { createWorld, governed, product, quickConfig } from '../e2e/world.js';

// npx, npm run and many a shell put folders of the work tree into the PATH: what lies there is the worker's.
const world = createWorld();
afterAll(() => world.close());

const programs = ['bwrap', 'cp', 'mkfifo', 'chmod', 'python3', 'npm', 'npx', 'git', 'node', 'ssh-keygen', 'sh'];

describe('programs planted in the work tree', () => {
  for (const sandbox of ['none', 'bubblewrap']) {
    it(`none of them is run on the host (sandbox: ${sandbox})`, async () => {
      const repository = await governed(world, {
        '.caws/arbiter.yaml': quickConfig.replace('sandbox: none', `sandbox: ${sandbox}`),
        '.gitignore': 'node_modules\nbin\n',
      });
      await repository.commit('work', { 'src/postage.js': `${product['src/postage.js'] ?? ''}// a note\n` });
      const ran = join(world.home, `ran-${sandbox}`);
      for (const folder of ['node_modules/.bin', 'bin']) {
        mkdirSync(join(repository.directory, folder), { recursive: true });
        for (const name of programs) {
          const program = join(repository.directory, folder, name);
          writeFileSync(program, `#!/bin/sh\necho ${name} >> ${ran}\nexit 1\n`);
          chmodSync(program, 0o755);
        }
      }
      const path = [
        join(repository.directory, 'node_modules/.bin'),
        './node_modules/.bin',
        'bin',
        join(repository.directory, 'bin'),
        '',
        process.env['PATH'] ?? '',
      ].join(':');
      const run = arbiter(['adjudicate', '--base', repository.base, '--head', 'HEAD', '--json'], {
        home: world.home,
        cwd: join(repository.directory, 'src'),
        env: { PATH: path },
      });
      expect(existsSync(ran)).toBe(false);
      expect(JSON.parse(run.out)).toMatchObject({ verdict: { spec: { id: 'POST-001' } } });
      rmSync(repository.directory, { recursive: true });
    });
  }

  it('a PATH keeps its honest folders, in their order', () => {
    expect(trustedPath('/usr/bin:/opt/node/bin::.:bin:/a/node_modules/.bin:/bin', '/home/me/tree')).toBe(
      '/usr/bin:/opt/node/bin:/bin',
    );
    expect(trustedPath('/home/me/tree/bin:/home/me/bin:/home/me/treehouse', '/home/me/tree')).toBe(
      '/home/me/bin:/home/me/treehouse',
    );
    expect(trustedPath('/usr/bin:/bin', '/')).toBe('/usr/bin:/bin');
  });
});
