import type { ChangedFile } from '../change.js';
import { type Finding, type Rule, findingOf } from '../finding.js';
import { findConfusion, foldName, refusePath } from '../lexical-path.js';
import type { Standing } from '../scope.js';

const lexicalRule: Rule = {
  id: 'path.lexical',
  clause: 'constitution §3 part 2 (lexical path check)',
  severity: 'block',
  why: 'a path that can mean another place escapes every rule about places',
  mend: 'rename the file to a plain relative path',
};

const protectedRule: Rule = {
  id: 'path.protected',
  clause: 'constitution §3 part 3; CAWS: no model may modify budgets, waivers or gates',
  severity: 'block',
  why: 'these files decide how changes are judged, so a change under judgement may not touch them',
  mend: 'take the file out of this change; a human changes it in a signed governance commit of its own',
};

const scopeRule: Rule = {
  id: 'scope.violation',
  clause: 'CAWS scope; constitution §3 part 2',
  severity: 'waivable',
  why: 'the spec did not announce work in this place',
  mend: 'move the work inside scope.in, or ask a human to amend the scope or to waive scope_boundary',
};

const outRule: Rule = { ...scopeRule, id: 'scope.out', why: 'the spec excludes this place in so many words' };

const confusableRule: Rule = {
  id: 'path.confusable',
  clause: 'constitution §3 part 2 (confusable or bidi paths)',
  severity: 'advisory',
  why: 'a reviewer may read this path as another one',
  mend: 'rename the file so that its name reads as it is',
};

/** Both sides of each file, so that a rename is checked where it came from and where it went. */
export function sidesOf(file: ChangedFile): string[] {
  return [...new Set([file.oldPath, file.newPath].filter((path) => path !== null))];
}

/** Scope, protected paths and the form of paths, for both sides of every changed file. */
export function examineScope(
  files: readonly ChangedFile[],
  standingOf: (path: string) => Standing,
  options: { readonly scopeWaivable: boolean },
): Finding[] {
  const violation = options.scopeWaivable ? 'waivable' : 'block';
  const findings: Finding[] = [];
  for (const file of files) {
    for (const path of sidesOf(file)) {
      const refused = refusePath(path);
      if (refused !== null) {
        findings.push(findingOf(lexicalRule, `the path cannot be judged: ${refused}`, { path }));
        continue;
      }
      const confusion = findConfusion(path);
      if (confusion !== null) {
        const severity = confusion.grave ? 'waivable' : 'advisory';
        findings.push(findingOf(confusableRule, `the path holds ${confusion.what}`, { path, severity }));
      }
      findings.push(...judgeStanding(file, path, standingOf(path), violation));
    }
  }
  return [...findings, ...findCollisions(files)];
}

function judgeStanding(file: ChangedFile, path: string, standing: Standing, severity: 'waivable' | 'block'): Finding[] {
  const side = file.oldPath !== null && file.newPath !== null && file.oldPath !== file.newPath;
  const verb =
    file.newPath === null ? 'deleted' : side ? (path === file.oldPath ? 'moved away' : 'moved here') : 'changed';
  if (standing === 'protected') return [findingOf(protectedRule, `a protected file is ${verb}`, { path })];
  if (standing === 'out') return [findingOf(outRule, `a file in scope.out is ${verb}`, { path, severity })];
  if (standing === 'violation') return [findingOf(scopeRule, `a file outside scope.in is ${verb}`, { path, severity })];
  return [];
}

// In path order, so that the order of the files says nothing.
function findCollisions(files: readonly ChangedFile[]): Finding[] {
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const path of files.flatMap((file) => file.newPath ?? []).sort()) {
    const key = foldName(path);
    const other = seen.get(key);
    if (other !== undefined) {
      const message = `it collides with ${JSON.stringify(other)} on file systems that do not tell case apart`;
      findings.push(findingOf(confusableRule, message, { path }));
    }
    seen.set(key, path);
  }
  return findings;
}
