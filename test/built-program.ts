import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The newest time of a compiled module; 0: nothing was compiled. */
function compiledAt(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return Math.max(newest, compiledAt(path));
    return entry.name.endsWith('.js') ? Math.max(newest, statSync(path).mtimeMs) : newest;
  }, 0);
}

/** Tests of the built program run what was compiled last, also after a bare `tsc -b`. */
export function setup(): void {
  const compiled =
    statSync(join(root, 'dist'), { throwIfNoEntry: false }) === undefined ? 0 : compiledAt(join(root, 'dist'));
  const packed = statSync(join(root, 'bin', 'main.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (compiled <= packed) return;
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'scripts/pack-program.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
}
