import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchemas } from './schema-list.js';

// Writes schemas/*.schema.json from the zod schemas; with --check it only compares, and exits 1 when any differs.
const folder = fileURLToPath(new URL('../schemas/', import.meta.url));
const checkOnly = process.argv.includes('--check');
const wanted = jsonSchemas();

mkdirSync(folder, { recursive: true });
const stale: string[] = readdirSync(folder).filter((name) => name.endsWith('.schema.json') && !wanted.has(name));
for (const [name, text] of wanted) {
  if (readIfThere(`${folder}${name}`) === text) continue;
  stale.push(name);
  if (!checkOnly) writeFileSync(`${folder}${name}`, text);
}
if (!checkOnly) for (const name of stale) if (!wanted.has(name)) rmSync(`${folder}${name}`);

if (checkOnly && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run npm run schemas`);
  process.exitCode = 1;
} else {
  console.log(`${wanted.size} schemas in schemas/, ${stale.length} ${checkOnly ? 'stale' : 'written'}`);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
