import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Runs examples/NN-name/run.sh, each in an empty folder of its own, against the compiled product. Exit 1 when one fails.

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = readdirSync(join(root, 'examples'))
  .filter((name) => /^\d\d-/.test(name))
  .toSorted();

function passes(name: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'arbiter-example-'));
  try {
    console.log(`\n== ${name}`);
    const { status } = spawnSync('sh', [join(root, 'examples', name, 'run.sh')], {
      cwd: folder,
      env: { ...process.env, ARBITER_HOME: root },
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: 60_000,
    });
    console.log(`== ${name}: ${status === 0 ? 'passed' : `FAILED (${status})`}`);
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failed = examples.filter((name) => !passes(name));
if (examples.length === 0) throw new Error('no example was found');
process.exitCode = failed.length === 0 ? 0 : 1;
