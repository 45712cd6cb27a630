import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Puts the compiled program into few files under bin/. A command that opens the store loads 1,200 modules, and on Node 20
// their loading is a third of its time; what a command does not need is left in files of its own, as its imports say. The
// compiler has proved the floors before: this only moves what it wrote.

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages of very many small files, which are put in. All others are loaded from where npm put them. */
const takenIn = ['kysely', 'zod', '@noble/hashes'];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The licences of what is put in, which have to go where it goes. */
function gatherLicences(): string {
  return takenIn
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence file in ${folder}`);
      return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(40)}\n\n`);
}

const { dependencies, optionalDependencies = {} } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as Manifest;
const leftOut = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)].filter(
  (name) => !takenIn.includes(name),
);
const made = join(root, 'bin.new');
rmSync(made, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['dist/main.js'],
  outdir: made,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Names of classes are told to people.
  keepNames: true,
  external: leftOut.flatMap((name) => [name, `${name}/*`]),
  logLevel: 'warning',
});
writeFileSync(join(made, 'licences.txt'), gatherLicences());
const bin = join(root, 'bin');
mkdirSync(bin, { recursive: true });
cpSync(made, bin, { recursive: true });
rmSync(made, { recursive: true });
// What an earlier build made stays for a day: a process that still runs may load it yet.
const dayMs = 86_400_000;
for (const name of readdirSync(bin)) {
  const path = join(bin, name);
  if (Date.now() - statSync(path).mtimeMs > dayMs) rmSync(path);
}
