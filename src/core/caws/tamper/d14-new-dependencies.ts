import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isAdmitted } from './dependencies/admitted-name.js';
import { isLockPath } from './dependencies/lock-entries.js';
import { compareLocks } from './dependencies/lock-changes.js';
import { ecosystemOf, requestsOf } from './dependencies/manifest-requests.js';
import { compareRanges, type DependencyRequest } from './dependencies/version-change.js';
import { lineOfKey } from './text/json-text.js';
import type { ChangeNotes, TamperContext, TamperRule } from './tamper-rule.js';

type Judged = { readonly message: string; readonly severity: 'waivable' | 'advisory' } | null;

function judge(request: DependencyRequest, before: readonly DependencyRequest[]): Judged {
  const name = `"${request.name}"`;
  const old = before.find((it) => it.group === request.group) ?? before[0];
  if (request.source === 'workspace') return null;
  if (old === undefined)
    return { message: `adds the dependency ${name}${from(request)} to ${request.group}`, severity: 'waivable' };
  if (isElsewhere(old, request))
    return {
      message: `takes the dependency ${name}${from(request) || ' from the registry'} instead`,
      severity: 'waivable',
    };
  if (old.group !== request.group && /overrides|resolutions|bundle/.test(request.group))
    return { message: `forces the dependency ${name} by ${request.group}`, severity: 'waivable' };
  return judgeRange(old, request);
}

function from({ source, range }: DependencyRequest): string {
  return source === 'registry' ? '' : ` from ${wordsOf[source]} (${range.slice(0, 80)})`;
}

function isElsewhere(old: DependencyRequest, request: DependencyRequest): boolean {
  return old.source !== request.source || (request.source !== 'registry' && old.range !== request.range);
}

/** A peer's range is a promise to others: it installs nothing by itself. */
function judgeRange(old: DependencyRequest, request: DependencyRequest): Judged {
  const moved = compareRanges(old.range, request.range);
  if (moved === 'same') return null;
  const message = `moves the dependency "${request.name}" from ${old.range || '(any)'} to ${request.range || '(any)'}`;
  return { message, severity: moved === 'wide' && request.group !== 'peerDependencies' ? 'waivable' : 'advisory' };
}

const wordsOf = {
  registry: 'the registry',
  git: 'a git repository',
  url: 'a URL',
  path: 'a path',
  alias: 'another package',
  workspace: 'the workspace',
} as const;

const findingsPerFile = 100;

function examineManifest(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  const before = byName(requestsOf(facts.file.oldPath ?? path, facts.oldText));
  const judged = requestsOf(path, facts.newText)
    .filter((request) => !isAdmitted(request.target, context))
    .flatMap((request) => {
      const found = judge(request, before.get(request.name) ?? []);
      return found === null ? [] : [[found.message, { ...found, request }] as const];
    });
  return [...new Map(judged).values()].slice(0, findingsPerFile).map(({ message, severity, request }) => {
    const line = request.line ?? lineOfKey(facts.newText, request.name.split(' > ').at(-1) ?? '', request.group);
    return findingOf(newDependencies, message, { path, line, severity });
  });
}

function byName(requests: readonly DependencyRequest[]): ReadonlyMap<string, readonly DependencyRequest[]> {
  const map = new Map<string, DependencyRequest[]>();
  for (const request of requests) {
    const same = map.get(request.name);
    if (same === undefined) map.set(request.name, [request]);
    else same.push(request);
  }
  return map;
}

function examineFile(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  if (ecosystemOf(path) !== null) return examineManifest(facts, context);
  if (!isLockPath(path)) return remoteImports(facts, path, context);
  return compareLocks(facts)
    .filter((it) => it.name === null || !isAdmitted(it.name, context))
    .map(({ message, severity }) => findingOf(newDependencies, message, { path, severity }));
}

const remote = /\b(?:from|import|require)\s*\(?\s*["'`]((?:https?|npm|jsr):[^"'`]+)["'`]/;

/** Modules that source code fetches by address. */
function remoteImports(facts: FileFacts, path: string, context: TamperContext): readonly Finding[] {
  if (!/\.[cm]?[jt]sx?$/i.test(path)) return [];
  return facts.addedLines.flatMap(({ line, text }) => {
    const address = remote.exec(text)?.[1];
    if (address === undefined || facts.oldText?.includes(address) === true || isAdmitted(address, context)) return [];
    return [findingOf(newDependencies, `imports a module from ${address.slice(0, 80)}`, { path, line })];
  });
}

/** A lock file's own copy of the manifest may not ask for more than the manifest beside it does. */
function examineChange(notes: ChangeNotes, context: TamperContext): readonly Finding[] {
  const key = (directory: string, name: string): string => `${directory}\0${name}`;
  const declared = new Set(
    notes.dependencies.filter((it) => it.kind === 'declared').map((it) => key(it.directory, it.name)),
  );
  return notes.dependencies
    .filter((it) => it.kind === 'locked' && !declared.has(key(it.directory, it.name)) && !isAdmitted(it.name, context))
    .map((it) =>
      findingOf(newDependencies, `locks "${it.name}", which no manifest of this change asks for`, { path: it.file }),
    );
}

/**
 * D14: code of others that comes in. Manifests are compared by what they ask for, lock files by what they resolve:
 * changed integrity for the same version, another host, a package that nobody asked for. A patch or minor step of a
 * package already there is advisory. Admissions `dependencies` silence by name. Code copied in as files is D15 or D18.
 */
export const newDependencies: TamperRule = {
  id: 'D14',
  clause: 'constitution §3 part 6, D14',
  severity: 'waivable',
  why: 'a dependency runs code that nobody here has read, in the product and in the gates.',
  mend: 'do without it, or have it admitted by name in admissions.dependencies of .caws/arbiter.yaml at the base.',
  examineFile,
  examineChange,
};
