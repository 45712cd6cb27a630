import { resolve } from 'node:path';
import type { CandidateInput } from '../../../app/adjudicate/candidate.js';
import type { Terminal } from '../terminal.js';
import { type Flags, definedOnly, textOf } from './command-surface.js';

/** A path given on the command line, seen from where the command was started. */
export function pathOfFlag(flags: Flags, name: string, terminal: Terminal): string | undefined {
  const value = textOf(flags, name);
  return value === undefined ? undefined : resolve(terminal.directory, value);
}

/** The repository that `-C` names, else the folder where the command was started. */
export function repositoryOf(flags: Flags, terminal: Terminal): string {
  return resolve(terminal.directory, textOf(flags, 'repository') ?? '.');
}

/** The flags that say which change is meant. */
export function shapeCandidate(flags: Flags, terminal: Terminal): CandidateInput {
  return {
    repository: repositoryOf(flags, terminal),
    ...definedOnly({
      base: textOf(flags, 'base'),
      head: textOf(flags, 'head'),
      workTree: flags['workTree'] === true ? true : undefined,
      diff: pathOfFlag(flags, 'diff', terminal),
    }),
  };
}
