import { importsOf } from './imports.js';
import type { SourceTree } from './source-tree.js';

interface Floor {
  readonly sees: readonly string[];
  /** Packages and node: modules it may name; `any` for the floors that touch the world. */
  readonly packages: RegExp | 'any';
}

/** docs/architecture.md, rule 1 of the house. A file directly under src is a floor of its own. */
const floors: Readonly<Record<string, Floor>> = {
  core: { sees: ['core'], packages: /^(zod|picomatch|@noble\/hashes\/[\w.-]+)$/ },
  ports: { sees: ['core', 'ports'], packages: /^(?!)/ },
  app: { sees: ['core', 'ports', 'app'], packages: /^zod$/ },
  adapters: { sees: ['core', 'ports', 'adapters'], packages: 'any' },
  surfaces: { sees: ['core', 'ports', 'app', 'surfaces'], packages: 'any' },
  'config.ts': { sees: ['core'], packages: /^zod$/ },
  // main in two files, so that `--help` need not load the adapters
  'wiring.ts': { sees: ['core', 'ports', 'app', 'adapters', 'config.ts'], packages: 'any' },
  // the library's door: operations and ports, no surface
  'index.ts': { sees: ['app', 'wiring.ts'], packages: /^(?!)/ },
  'main.ts': { sees: ['core', 'ports', 'app', 'adapters', 'surfaces', 'config.ts', 'wiring.ts'], packages: 'any' },
};

function floorNameOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The one door for an optional part that may live in a folder of the person's own (ADR 0010). */
const computedImports: ReadonlySet<string> = new Set(['src/adapters/workers/llama/load-runtime.ts']);

/** One sentence for each import that points up, sideways into a closed room, or out of src; empty when all is well. */
export function floorViolations(tree: SourceTree): readonly string[] {
  return [...tree].flatMap(([path, text]) => {
    const floor = floors[floorNameOf(path)];
    if (floor === undefined) return [`${path}: stands on no floor`];
    return importsOf(path, text).flatMap((found) => {
      const where = `${found.from}:${found.line} imports ${found.specifier}`;
      if (found.target === null)
        return isAllowedPackage(floor, found.specifier, path) ? [] : [`${where}: not for this floor`];
      if (!tree.has(found.target)) return [`${where}: no such file under src`];
      return floor.sees.includes(floorNameOf(found.target)) ? [] : [`${where}: arrows point down`];
    });
  });
}

function isAllowedPackage(floor: Floor, specifier: string, path: string): boolean {
  if (specifier === '<computed>') return computedImports.has(path);
  return floor.packages === 'any' || floor.packages.test(specifier);
}
