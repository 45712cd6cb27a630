import { asObject, readJsonObject } from '../text/json-text.js';
import { type DependencyRequest, sourceOfRange } from './version-change.js';

const npmGroups = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/** Where the file's ecosystem writes what it asks for. */
function groupsOf(file: string): readonly string[] {
  if (/composer\.json$/.test(file)) return ['require', 'require-dev'];
  return /(deno|jsr)\.jsonc?$/.test(file) ? ['imports'] : npmGroups;
}

/** What a `package.json`, the imports of a `deno.json` or a `composer.json` ask for. A text that is no JSON asks for nothing. */
export function requestsOfNpm(text: string | null, file: string): readonly DependencyRequest[] {
  const manifest = readJsonObject(text);
  if (manifest === null) return [];
  const plain = groupsOf(file).flatMap((group) =>
    Object.entries(asObject(manifest[group]) ?? {}).map(([name, range]) => request(name, group, range)),
  );
  const bundled = ['bundledDependencies', 'bundleDependencies'].flatMap((group) =>
    listOf(manifest[group]).map((name) => request(name, group, 'bundled')),
  );
  const forced = [
    ...overridesOf('overrides', manifest['overrides'], []),
    ...overridesOf('resolutions', manifest['resolutions'], []),
    ...overridesOf('pnpm.overrides', asObject(manifest['pnpm'])?.['overrides'], []),
  ];
  const manager = typeof manifest['packageManager'] === 'string' ? managerOf(manifest['packageManager']) : [];
  return [...plain, ...bundled, ...forced, ...manager];
}

function request(name: string, group: string, value: unknown): DependencyRequest {
  const range = typeof value === 'string' ? value : JSON.stringify(value);
  const alias = /^(?:npm|jsr):(@?[^@]+)/.exec(range)?.[1];
  return {
    name,
    target: alias ?? name,
    group,
    range,
    source: alias === name ? 'registry' : sourceOfRange(range),
    line: null,
  };
}

function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((it): it is string => typeof it === 'string');
  return value === true ? ['(all)'] : [];
}

/** Overrides nest: `{"a": {"b": "1"}}` forces `b` below `a`, and is named `a > b`. */
function overridesOf(group: string, value: unknown, under: readonly string[]): DependencyRequest[] {
  return Object.entries(asObject(value) ?? {}).flatMap(([name, inner]) =>
    asObject(inner) === null
      ? [{ ...request(name, group, inner), name: [...under, name].join(' > ') }]
      : overridesOf(group, inner, [...under, name]),
  );
}

function managerOf(value: string): DependencyRequest[] {
  const [name = value, range = ''] = value.split('@');
  return [request(name, 'packageManager', range)];
}
