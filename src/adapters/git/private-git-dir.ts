import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitFault } from './git-fault.js';
import type { Repository } from './locate-repository.js';
import { readSmallFile } from './read-small-file.js';

/**
 * `!x` makes an attribute unspecified, and info/attributes outranks every other source: git's own content heuristics
 * decide what is text, and no driver or filter has a say.
 * @see https://git-scm.com/docs/gitattributes
 */
const ATTRIBUTES = `* ${[
  'binary',
  'conflict-marker-size',
  'crlf',
  'delta',
  'diff',
  'encoding',
  'eol',
  'export-ignore',
  'export-subst',
  'filter',
  'ident',
  'merge',
  'text',
  'whitespace',
  'working-tree-encoding',
]
  .map((name) => `!${name}`)
  .join(' ')}\n`;

function configOf(objectFormat: Repository['objectFormat']): string {
  const extensions = objectFormat === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  return `[core]
\trepositoryFormatVersion = ${objectFormat === 'sha256' ? 1 : 0}
\tbare = true
\tfileMode = true
\tsymlinks = true
\tignoreCase = false
\tprecomposeUnicode = false
\tautocrlf = false
\tsafecrlf = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\thooksPath = /dev/null
\tfsmonitor = false
\tuntrackedCache = false
\tsplitIndex = false
\tsparseCheckout = false
\tuseReplaceRefs = false
\tcommitGraph = false
\tprotectHFS = true
\tprotectNTFS = true
\tbigFileThreshold = 512m
\tcompression = 1
\tlogAllRefUpdates = false
[diff]
\trenames = false
\tignoreSubmodules = none
\tsubmodule = short
[submodule]
\trecurse = false
[protocol]
\tallow = never
[gc]
\tauto = 0
[maintenance]
\tauto = false
[pack]
\tthreads = 1
[fastimport]
\tunpackLimit = 0
${extensions}`;
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

/**
 * Makes a git directory of ours in `folder` that sees the repository's objects (as alternates) and refs, and nothing
 * else of it: not its configuration, attributes, hooks, excludes, replace refs, grafts or commit graph. What git writes
 * goes to our own object store. HEAD and the shallow list are those of the moment.
 */
export function writePrivateGitDir(folder: string, repository: Repository, quarantine?: string): void {
  const { gitDir, commonDir } = repository;
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, 'latin1');
  mkdirSync(join(folder, 'objects', 'info'), { recursive: true });
  mkdirSync(join(folder, 'info'));
  write('config', configOf(repository.objectFormat));
  write('HEAD', readSmallFile(join(gitDir, 'HEAD')) ?? 'ref: refs/heads/none\n');
  write('info/attributes', ATTRIBUTES);
  const stores = [
    join(commonDir, 'objects'),
    ...(quarantine === undefined ? [] : [checkQuarantine(quarantine, commonDir)]),
  ];
  writeFileSync(join(folder, 'objects/info/alternates'), stores.map((store) => `${quoted(store)}\n`).join(''));
  const shallow = readSmallFile(join(commonDir, 'shallow'), 1 << 26);
  if (shallow !== null) write('shallow', shallow);
  symlinkSync(join(commonDir, 'refs'), join(folder, 'refs'));
  symlinkSync(join(commonDir, 'packed-refs'), join(folder, 'packed-refs'));
}

/** Git keeps what a push brings in a folder of its own right below the objects; anywhere else, others could bring some. */
function checkQuarantine(quarantine: string, commonDir: string): string {
  const real = realpathSync(quarantine);
  if (dirname(real) === realpathSync(join(commonDir, 'objects'))) return real;
  throw gitFault('GIT_FAILED', `the quarantine ${quarantine} does not belong to this repository`, {
    mend: 'let git receive-pack call the hook: it says where the objects of a push are',
  });
}

/** The whole environment of a git child: nothing of the caller's but the search path's safe part. */
export function privateEnvironment(folder: string): Record<string, string> {
  return {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    LC_ALL: 'C',
    GIT_DIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_PAGER: 'cat',
  };
}
