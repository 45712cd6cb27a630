import { hostOf, type LockEntry, type LockFacts } from './lock-facts.js';

/** Reads both generations of yarn's lock file: blocks headed by the ranges they resolve. */
export function readYarnLock(text: string): LockFacts {
  const entries: LockEntry[] = [];
  const roots: { directory: string; name: string }[] = [];
  const wanted = new Set<string>();
  for (const block of text.split(/\n(?=\S)/)) {
    const head = /^("?)(@?[^@"\s]+)@([^\n]*):\s*$/m.exec(block);
    if (head === null || block.startsWith('#') || block.startsWith('__metadata')) continue;
    const asked = yarnDependencies(block);
    for (const name of asked) wanted.add(name);
    const name = head[2] ?? '';
    const workspace = /@workspace:([^",\s]*)/.exec(head[0])?.[1];
    if (workspace === undefined) entries.push(yarnEntry(name, block));
    else roots.push(...asked.map((it) => ({ directory: workspace === '.' ? '' : workspace, name: it })));
  }
  // Without workspace blocks (the first generation) nobody in the file speaks for the manifest.
  return { entries, roots, wanted: roots.length > 0 ? wanted : null };
}

function yarnDependencies(block: string): readonly string[] {
  const names: string[] = [];
  let inside = false;
  for (const line of block.split('\n')) {
    if (/^ {2}\S/.test(line)) inside = /^ {2}(dependencies|optionalDependencies|peerDependencies):/.test(line);
    const name = /^ {4}"?(@?[^\s":]+)"?:?\s/.exec(line)?.[1];
    if (inside && name !== undefined) names.push(name);
  }
  return names;
}

function yarnEntry(name: string, block: string): LockEntry {
  const field = (key: string): string => new RegExp(`^ {2}${key}:? "?([^"\\n]+)"?$`, 'm').exec(block)?.[1] ?? '';
  const resolution = field('resolution');
  const foreign =
    resolution === '' || /@(npm|patch|virtual|workspace):/.test(resolution) ? '' : resolution.slice(name.length + 1);
  const integrity = field('integrity') || field('checksum');
  return { name, version: field('version'), host: hostOf(field('resolved') || foreign), integrity };
}

/** Reads pnpm's lock file by its indentation: importers ask, packages resolve. */
export function readPnpmLock(text: string): LockFacts {
  const sections = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    section = /^(\w+):/.exec(line)?.[1] ?? section;
    const lines = sections.get(section);
    if (lines === undefined) sections.set(section, [line]);
    else lines.push(line);
  }
  const entries = pnpmEntries(sections.get('packages') ?? []);
  return { entries, roots: pnpmRoots(sections.get('importers') ?? []), wanted: null };
}

const secondLevel = /^ {2}'?([^\s'][^']*?)'?:/;

function pnpmRoots(lines: readonly string[]): { directory: string; name: string }[] {
  let [directory, group] = ['', ''];
  return lines.flatMap((line) => {
    const importer = secondLevel.exec(line)?.[1];
    if (importer !== undefined) directory = importer === '.' ? '' : importer;
    group = /^ {4}(\w+):/.exec(line)?.[1] ?? group;
    const name = /^ {6}'?(@?[^\s':]+)'?:/.exec(line)?.[1];
    return name !== undefined && /dependencies$/i.test(group) ? [{ directory, name }] : [];
  });
}

function pnpmEntries(lines: readonly string[]): LockEntry[] {
  const entries: LockEntry[] = [];
  for (const line of lines) {
    const [, name, version] = /^\/?(@?[^@]+)[@/]([^(]+)/.exec(secondLevel.exec(line)?.[1] ?? '') ?? [];
    if (name !== undefined && version !== undefined) entries.push({ name, version, host: '', integrity: '' });
    const last = entries.at(-1);
    if (last !== undefined && line.startsWith('    resolution: {')) entries[entries.length - 1] = resolved(last, line);
  }
  return entries;
}

function resolved(entry: LockEntry, resolution: string): LockEntry {
  const field = (key: string): string => new RegExp(`${key}: ([^,}\\s]+)`).exec(resolution)?.[1] ?? '';
  return { ...entry, host: hostOf(field('tarball') || field('repo')), integrity: field('integrity') };
}
