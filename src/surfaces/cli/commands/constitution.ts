import type { CheckFilesInput, FileCheck, PlacedProblem } from '../../../app/constitution/check-files.js';
import type { SpecNewInput, SpecNewOutput } from '../../../app/constitution/operations.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { repositoryOf } from './candidate-flags.js';
import { type CommandSurface, type Flags, textOf, textsOf } from './command-surface.js';
import { askForSpec } from './ask-for-spec.js';

const checkSurface: CommandSurface<CheckFilesInput, FileCheck[]> = {
  shape: (flags: Flags) => ({
    files: textsOf(flags, 'files'),
    // commander has checked both against the choices.
    dialect: (textOf(flags, 'dialect') ?? 'auto') as CheckFilesInput['dialect'],
    kind: (textOf(flags, 'kind') ?? 'auto') as CheckFilesInput['kind'],
  }),
  show(checks, terminal) {
    const lines = checks.flatMap((check) => showCheck(check, terminal));
    const invalid = checks.filter((check) => !check.valid).length;
    const summary = invalid === 0 ? `${checks.length} valid` : `${checks.length - invalid} valid, ${invalid} not valid`;
    return `${[...lines, summary].join('\n')}\n`;
  },
  // A file that is not there, or cannot be opened, was not judged: the command line is wrong.
  exitCode: (checks) =>
    checks.some((check) => check.errors.some((problem) => problem.rule === 'yaml.unreadable'))
      ? exitCodes.usage
      : checks.every((check) => check.valid)
        ? exitCodes.pass
        : exitCodes.fail,
};

export const specCheckSurface = checkSurface;
export const policyCheckSurface = checkSurface;

function showCheck(check: FileCheck, terminal: Terminal): string[] {
  const mark = check.valid ? paint(terminal, 'green', 'valid  ') : paint(terminal, 'red', 'INVALID');
  const head = `${mark} ${showForeign(check.file)}  ${check.kind ?? 'unknown kind'}, dialect ${check.dialect ?? 'unknown'}`;
  return [
    head,
    ...check.errors.flatMap((problem) => showProblem(check.file, problem, 'error')),
    ...check.warnings.flatMap((problem) => showProblem(check.file, problem, 'warning')),
  ];
}

function showProblem(file: string, problem: PlacedProblem, level: string): string[] {
  const place = problem.line === null ? file : `${file}:${problem.line}:${problem.column ?? 1}`;
  return [
    `  ${showForeign(place)}: ${level}: ${showForeign(problem.message)} (${problem.rule})`,
    `    ${showForeign(problem.hint)}`,
  ];
}

export const specNewSurface: CommandSurface<SpecNewInput, SpecNewOutput> = {
  async shape(flags, terminal) {
    return { repository: repositoryOf(flags, terminal), spec: await askForSpec(flags, terminal) };
  },
  show: ({ path }) => `wrote ${path}\ncommit it to the base: a spec counts from the commit on that holds it\n`,
  exitCode: () => exitCodes.pass,
};
