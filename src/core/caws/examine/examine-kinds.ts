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
  const isAdmitted = compileAdmissions(admission);
  const findings: Finding[] = [];
  for (const file of files) {
    const path = pathOf(file);
    for (const { kind, message, severity } of kindsOf(file)) {
      if (!isAdmitted[kind](path)) findings.push(findingOf(rules[kind], message, { path, severity }));
    }
  }
  return findings;
}

function compileAdmissions(admission: Admission | null): Record<keyof typeof rules, (path: string) => boolean> {
  const { binaries, symlinks, submodules, modes } = admission ?? nothingAdmitted;
  return {
    binaries: compilePatterns(binaries),
    symlinks: compilePatterns(symlinks),
    submodules: compilePatterns(submodules),
    modes: compilePatterns(modes),
  };
}

const nothingAdmitted = { binaries: [], symlinks: [], submodules: [], modes: [] };

interface Kind {
  readonly kind: keyof typeof rules;
  readonly message: string;
  readonly severity: Severity;
}

function kindsOf(file: ChangedFile): Kind[] {
  const special = [file.oldMode, file.newMode];
  const kinds: Kind[] = [];
  if (special.includes('120000')) kinds.push(kindOf('symlinks', `a symbolic link is ${verbOf(file)}`));
  if (special.includes('160000')) kinds.push(kindOf('submodules', `a submodule is ${verbOf(file)}`));
  if (file.binary && file.status !== 'R') kinds.push(kindOf('binaries', `a binary file is ${verbOf(file)}`));
  const isPlain = !special.includes('120000') && !special.includes('160000');
  return isPlain ? [...kinds, ...modesOf(file)] : kinds;
}

function modesOf({ oldMode, newMode }: ChangedFile): Kind[] {
  if (newMode === null || newMode === oldMode) return [];
  if (oldMode !== null) return [kindOf('modes', `the mode changes from ${oldMode} to ${newMode}`)];
  return newMode === '100755' ? [kindOf('modes', 'a new file is executable', 'advisory')] : [];
}

function kindOf(kind: Kind['kind'], message: string, severity: Severity = 'waivable'): Kind {
  return { kind, message, severity };
}

function verbOf(file: ChangedFile): string {
  if (file.oldPath === null) return 'added';
  return file.newPath === null ? 'deleted' : 'changed';
}
