import { readTomlEntries, type TomlEntry } from './toml-lines.js';
import { type DependencyRequest, sourceOfRange } from './version-change.js';

const readers: Readonly<Record<string, (text: string) => DependencyRequest[]>> = {
  requirements: requestsOfRequirements,
  'setup.cfg': requestsOfSetupCfg,
  'setup.py': requestsOfSetupPy,
  gemfile: requestsOfGemfile,
  'pnpm-workspace': requestsOfPnpmWorkspace,
  go: requestsOfGo,
  cargo: (text) => readTomlEntries(text).flatMap(cargoRequests),
  pipfile: (text) => readTomlEntries(text).flatMap(pipfileRequests),
  pyproject: (text) => readTomlEntries(text).flatMap(pyprojectRequests),
};

/** What a manifest asks for that is no JSON. Null text and an unknown ecosystem ask for nothing. */
export function requestsOfOther(text: string | null, ecosystem: string): readonly DependencyRequest[] {
  return text === null ? [] : (readers[ecosystem]?.(text) ?? []);
}

/** Python names are compared as PEP 503 normalises them. */
function python(requirement: string, group: string, line: number | null): DependencyRequest[] {
  const text = requirement.split(' #')[0]?.trim() ?? '';
  const found = /^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*(?:@\s*(\S+)|([^;]*))/.exec(text);
  if (found === null) return [];
  const name = (found[1] ?? '').toLowerCase().replace(/[-_.]+/g, '-');
  const url = found[3];
  const range = (url ?? found[4] ?? '').trim();
  return [{ name, target: name, group, range, source: url === undefined ? 'registry' : urlSource(url), line }];
}

function urlSource(url: string): DependencyRequest['source'] {
  const source = sourceOfRange(url);
  return source === 'registry' ? 'url' : source;
}

function requestsOfRequirements(text: string): DependencyRequest[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const option = /^(-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host|-e|--editable)[ =]+(\S+)/.exec(
      line,
    );
    if (option !== null) return [special(option[1] ?? '', option[2] ?? '', index + 1)];
    if (/^(git|https?|file)\b.*:/.test(line)) return [special(line.replace(/[@#].*$/, ''), line, index + 1)];
    return line.startsWith('-') ? [] : python(line.replace(/\s--hash=.*$|\s*\\$/, ''), 'requirements', index + 1);
  });
}

function special(name: string, range: string, line: number): DependencyRequest {
  const own = /^\.{0,2}(\/|$)/.test(range);
  const named =
    /egg=([\w.-]+)/.exec(range)?.[1] ?? (name.startsWith('-') ? `${name} ${range.replace(/@[^@/]*$/, '')}` : name);
  return {
    name: named,
    target: named,
    group: 'requirements',
    range,
    source: own ? 'workspace' : urlSource(range),
    line,
  };
}

function requestsOfSetupCfg(text: string): DependencyRequest[] {
  let section = '';
  let listing = false;
  return text.split('\n').flatMap((line, index) => {
    section = /^\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const key = /^(?:([\w.-]+)\s*=(.*)|\[.*)$/.exec(line);
    if (key === null) return listing && /^\s+\S/.test(line) ? python(line.trim(), section, index + 1) : [];
    listing = section === 'options.extras_require' || setupLists.has(key[1] ?? '');
    return listing ? python(key[2] ?? '', section, index + 1) : [];
  });
}

const setupLists = new Set(['install_requires', 'setup_requires', 'tests_require']);

/** Texts in the lists that `setup()` is given; lists put together by code are not read. */
function requestsOfSetupPy(text: string): DependencyRequest[] {
  const lists =
    /\b(install_requires|setup_requires|tests_require|extras_require)\s*=\s*([[{][\s\S]{0,5000}?[\]}](?=\s*,?\s*(?:\n|\))))/g;
  return [...text.matchAll(lists)].flatMap(([, group = '', list = '']) =>
    [...list.matchAll(/["']([^"'\n]{1,200})["']/g)].flatMap(([, item = '']) => python(item, group, null)),
  );
}

function requestsOfGemfile(text: string): DependencyRequest[] {
  return text.split('\n').flatMap((line, index) => {
    const found = /^\s*gem\s+["']([\w.-]+)["'](.*)$/.exec(line);
    if (found === null) return [];
    const [, name = '', rest = ''] = found;
    const source = /\b(git|github|path|source):/.exec(rest)?.[1];
    const kind = source === undefined ? 'registry' : source === 'path' ? 'path' : 'git';
    return [{ name, target: name, group: 'Gemfile', range: rest.trim(), source: kind, line: index + 1 }];
  });
}

function requestsOfPnpmWorkspace(text: string): DependencyRequest[] {
  let section = '';
  return text.split('\n').flatMap((line, index) => {
    section = /^(\w+):/.exec(line)?.[1] ?? section;
    const found = /^ {2,4}["']?(@?[^"'\s:]+)["']?:\s+["']?([^"'\s#]+)/.exec(line);
    if (found === null || !/^(overrides|catalogs?)$/.test(section)) return [];
    const [, name = '', range = ''] = found;
    return [{ name, target: name, group: `pnpm.${section}`, range, source: sourceOfRange(range), line: index + 1 }];
  });
}

/** Sections whose lists are requirements, and which of their keys. */
const pythonLists: readonly (readonly [section: RegExp, key: RegExp])[] = [
  [/^project$/, /^dependencies$/],
  [/^build-system$/, /^requires$/],
  [/^(project\.optional-dependencies|dependency-groups|tool\.pdm\.dev-dependencies)$/, /./],
  [/^tool\.(hatch\.envs\..*|uv)$/, /^(extra-|dev-)?dependencies$/],
];

function pyprojectRequests(entry: TomlEntry): DependencyRequest[] {
  const { section, key, strings, line } = entry;
  if (pythonLists.some(([sections, keys]) => sections.test(section) && keys.test(key)))
    return strings.flatMap((it) => python(it, section, line));
  if (/^tool\.poetry\.(group\..+\.|dev-)?dependencies$/.test(section))
    return key === 'python' ? [] : [table(entry, key.toLowerCase())];
  if (/^tool\.(uv|pdm|poetry)\.(sources?|index)(#\d+)?(\.|$)/.test(section))
    return [table(entry, `source ${key}`, 'url')];
  return [];
}

function pipfileRequests(entry: TomlEntry): DependencyRequest[] {
  if (/^(dev-)?packages$/.test(entry.section)) return [table(entry, entry.key.toLowerCase())];
  return entry.section.startsWith('source#') && entry.key === 'url' ? [table(entry, 'source url', 'url')] : [];
}

function cargoRequests(entry: TomlEntry): DependencyRequest[] {
  const inline = /^(target\..+\.)?(dev-|build-|workspace\.)?dependencies$/.test(entry.section);
  if (inline) return [table(entry, entry.key.split('.')[0] ?? entry.key)];
  const own = /(?:^|\.)(?:dev-|build-)?dependencies\.([\w-]+)$/.exec(entry.section)?.[1];
  if (own !== undefined && /^(version|git|path|registry|package)$/.test(entry.key)) return [table(entry, own)];
  return /^(patch|replace)\b/.test(entry.section) ? [table(entry, `patched ${entry.key}`, 'url')] : [];
}

/** `name = "1"` or `name = { version = "1", git = "…" }`. */
function table(entry: TomlEntry, name: string, forced?: DependencyRequest['source']): DependencyRequest {
  const target = fieldOf(entry, 'package') ?? name;
  const first = entry.strings[0] ?? entry.value;
  return {
    name,
    target,
    group: entry.section,
    range: entry.value.startsWith('{') ? (fieldOf(entry, 'version') ?? entry.value) : first,
    source: forced ?? (target === name ? tableSource(entry) : 'alias'),
    line: entry.line,
  };
}

/** The field of an inline table, or the entry itself where it stands in a section of its own. */
function fieldOf({ key, value, strings }: TomlEntry, field: string): string | undefined {
  if (key === field) return strings[0];
  return new RegExp(`\\b${field}\\s*=\\s*["']([^"']*)`).exec(value)?.[1];
}

function tableSource(entry: TomlEntry): DependencyRequest['source'] {
  const kinds = [
    ['git', 'git'],
    ['url', 'url'],
    ['registry', 'url'],
    ['path', 'path'],
  ] as const;
  return kinds.find(([field]) => fieldOf(entry, field) !== undefined)?.[1] ?? 'registry';
}

/** Lines marked `// indirect` are what the tool resolved, not what a person asked for. */
function requestsOfGo(text: string): DependencyRequest[] {
  let block = '';
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const opened = /^(require|replace)\s*\($/.exec(line)?.[1];
    block = line === ')' ? '' : (opened ?? block);
    const [, word = block, rest = ''] = /^(require|replace)?\s*(.*)$/.exec(line) ?? [];
    return word === 'require' ? goRequired(rest, index + 1) : word === 'replace' ? goReplaced(rest, index + 1) : [];
  });
}

function goRequired(text: string, line: number): DependencyRequest[] {
  const found = /^([\w.-]+\.[\w./~-]+)\s+(v\S+)/.exec(text);
  if (found === null || text.includes('// indirect')) return [];
  return [goRequest(found[1] ?? '', found[2] ?? '', 'registry', line)];
}

function goReplaced(text: string, line: number): DependencyRequest[] {
  const found = /^(\S+)(?:\s+v\S+)?\s+=>\s+(\S+.*)$/.exec(text);
  if (found === null) return [];
  const source = /^\.{0,2}\//.test(found[2] ?? '') ? 'path' : 'alias';
  return [goRequest(`replaced ${found[1] ?? ''}`, found[2] ?? '', source, line)];
}

function goRequest(name: string, range: string, source: DependencyRequest['source'], line: number): DependencyRequest {
  return { name, target: name, group: 'go.mod', range, source, line };
}
