import type { Admission } from '../arbiter-config.js';
import { type ChangedFile, pathOf } from '../change.js';
import { type Finding, type Rule, type Severity, findingOf } from '../finding.js';
import { compilePatterns } from '../scope-pattern.js';

const clause = 'constitution §3 part 1 (binary, symlink, submodule and mode changes)';
const mend = (key: string): string =>
  `take it out of the change, or have a human admit it at the base under admissions.<spec-id>.${key} in .caws/arbiter.yaml`;

const rules = {
  binaries: {
    id: 'kind.binary',
    clause,
    severity: 'waivable',
    why: 'a binary cannot be read by a reviewer, nor counted in lines',
    mend: mend('binaries'),
  },
  symlinks: {
    id: 'kind.symlink',
    clause,
    severity: 'waivable',
    why: 'a symbolic link makes one path mean another',
    mend: mend('symlinks'),
  },
  submodules: {
    id: 'kind.submodule',
    clause,
    severity: 'waivable',
    why: 'a submodule brings in content that this change does not show',
    mend: mend('submodules'),
  },
  modes: {
    id: 'kind.mode',
    clause,
    severity: 'waivable',
    why: 'an executable bit turns data into a program',
    mend: mend('modes'),
  },
} satisfies Record<string, Rule>;

/** Findings for what lines cannot measure, unless the spec's admissions at the base cover the path. */
export function examineKinds(files: readonly ChangedFile[], admission: Admission | null): Finding[] {
  const admitted = {
    binaries: compilePatterns(admission?.binaries ?? []),
    symlinks: compilePatterns(admission?.symlinks ?? []),
    submodules: compilePatterns(admission?.submodules ?? []),
    modes: compilePatterns(admission?.modes ?? []),
  };
  const findings: Finding[] = [];
  for (const file of files) {
    const path = pathOf(file);
    for (const { kind, message, severity } of kindsOf(file)) {
      if (!admitted[kind](path)) findings.push(findingOf(rules[kind], message, { path, severity }));
    }
  }
  return findings;
}

interface Kind {
  readonly kind: keyof typeof rules;
  readonly message: string;
  readonly severity: Severity;
}

function kindsOf(file: ChangedFile): Kind[] {
  const { oldMode, newMode } = file;
  const link = oldMode === '120000' || newMode === '120000';
  const module = oldMode === '160000' || newMode === '160000';
  const kinds: Kind[] = [];
  const add = (kind: Kind['kind'], message: string, severity: Severity = 'waivable'): void => {
    kinds.push({ kind, message, severity });
  };
  if (link) add('symlinks', `a symbolic link is ${verbOf(file)}`);
  if (module) add('submodules', `a submodule is ${verbOf(file)}`);
  if (file.binary && file.status !== 'R') add('binaries', `a binary file is ${verbOf(file)}`);
  if (link || module || newMode === null || newMode === oldMode) return kinds;
  if (oldMode !== null) add('modes', `the mode changes from ${oldMode} to ${newMode}`);
  else if (newMode === '100755') add('modes', 'a new file is executable', 'advisory');
  return kinds;
}

function verbOf(file: ChangedFile): string {
  if (file.oldPath === null) return 'added';
  return file.newPath === null ? 'deleted' : 'changed';
}
