import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isAdmitted } from './dependencies/admitted-name.js';
import { isLockPath } from './dependencies/lock-entries.js';
import { compareLocks } from './dependencies/lock-changes.js';
import { ecosystemOf, requestsOf } from './dependencies/manifest-requests.js';
import { compareRanges, type DependencyRequest } from './dependencies/version-change.js';
import type { ChangeNotes, TamperContext, TamperRule } from './tamper-rule.js';

type Judged = { readonly message: string; readonly severity: 'waivable' | 'advisory' } | null;

function judge(request: DependencyRequest, before: readonly DependencyRequest[]): Judged {
  const name = `"${request.name}"`;
  const old = before.find((it) => it.group === request.group) ?? before[0];
  const from = request.source === 'registry' ? '' : ` from ${wordsOf[request.source]} (${request.range.slice(0, 80)})`;
  if (request.source === 'workspace') return null;
  if (old === undefined)
    return { message: `adds the dependency ${name}${from} to ${request.group}`, severity: 'waivable' };
  if (comesFromElsewhere(old, request))
    return { message: `takes the dependency ${name}${from || ' from the registry'} instead`, severity: 'waivable' };
  if (old.group !== request.group && /overrides|resolutions|bundle/.test(request.group))
    return { message: `forces the dependency ${name} by ${request.group}`, severity: 'waivable' };
  return judgeRange(old, request);
}

function comesFromElsewhere(old: DependencyRequest, request: DependencyRequest): boolean {
  return old.source !== request.source || (request.source !== 'registry' && old.range !== request.range);
}

function judgeRange(old: DependencyRequest, request: DependencyRequest): Judged {
  const moved = compareRanges(old.range, request.range);
  if (moved === 'same') return null;
  const message = `moves the dependency "${request.name}" from ${old.range || '(any)'} to ${request.range || '(any)'}`;
  // A peer's range is a promise to others: it installs nothing by itself.
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

function examineManifest(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  const before = requestsOf(facts.file.oldPath ?? path, facts.oldText);
  const seen = new Set<string>();
  return requestsOf(path, facts.newText).flatMap((request) => {
    const judged = isAdmitted(request.target, context)
      ? null
      : judge(
          request,
          before.filter((it) => it.name === request.name),
        );
    if (judged === null || seen.has(judged.message)) return [];
    seen.add(judged.message);
    return [findingOf(newDependencies, judged.message, { path, line: request.line, severity: judged.severity })];
  });
}

function examineFile(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  if (ecosystemOf(path) !== null) return examineManifest(facts, context);
  if (!isLockPath(path)) return [];
  return compareLocks(facts)
    .filter((it) => it.name === null || !isAdmitted(it.name, context))
    .map(({ message, severity }) => findingOf(newDependencies, message, { path, severity }));
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
  clause: 'constitution §3.6 D14',
  severity: 'waivable',
  why: 'a dependency runs code that nobody here has read, in the product and in the gates.',
  mend: 'do without it, or have it admitted by name in admissions.dependencies of .caws/arbiter.yaml at the base.',
  examineFile,
  examineChange,
};
