import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import type { DependencyNote } from '../tamper-rule.js';
import { readLock } from './lock-entries.js';
import { ecosystemOf, requestsOf } from './manifest-requests.js';

/** What a manifest now asks for, and what a lock file's copy of the manifests asks for that it did not before. */
export function noteDependencies(facts: FileFacts): readonly DependencyNote[] {
  const file = pathOf(facts.file);
  const own = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
  if (ecosystemOf(file) !== null) {
    return requestsOf(file, facts.newText).map(({ name, line }) => ({
      file,
      directory: own,
      name,
      line,
      kind: 'declared',
    }));
  }
  const after = readLock(file, facts.newText);
  const before = readLock(facts.file.oldPath ?? file, facts.oldText);
  if (after === null || before === null) return [];
  const known = new Set(before.roots.map((root) => `${root.directory}\0${root.name}`));
  return after.roots
    .filter((root) => !known.has(`${root.directory}\0${root.name}`))
    .map(({ directory, name }) => ({ file, directory: join(own, directory), name, line: null, kind: 'locked' }));
}

function join(directory: string, inner: string): string {
  return [directory, inner].filter((part) => part !== '').join('/');
}
