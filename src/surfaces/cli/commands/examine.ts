import type { ExamineInput, ExamineOutput } from '../../../app/adjudicate/examine.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint } from '../paint.js';
import { showFindings } from '../show-findings.js';
import { pathOfFlag, shapeCandidate } from './candidate-flags.js';
import { type CommandSurface, type Flags, definedOnly, textOf } from './command-surface.js';
import type { Terminal } from '../terminal.js';

/** The flags that examine and adjudicate share. */
export function shapePlea(flags: Flags, terminal: Terminal): ExamineInput {
  return {
    ...shapeCandidate(flags, terminal),
    ...definedOnly({
      spec: textOf(flags, 'spec'),
      plan: pathOfFlag(flags, 'plan', terminal),
      rationale: pathOfFlag(flags, 'rationale', terminal),
      evidence: pathOfFlag(flags, 'evidence', terminal),
      review: pathOfFlag(flags, 'review', terminal),
    }),
  };
}

export const examineSurface: CommandSurface<ExamineInput, ExamineOutput> = {
  shape: shapePlea,
  show(output, terminal) {
    const { totals, findings } = output;
    const head = `${countOf(totals.files, 'file')}, ${countOf(totals.loc, 'line')}`;
    if (findings.length === 0) return `${paint(terminal, 'green', 'clean')}  ${head}: nothing found\n`;
    const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
    const summary = `${head}: ${count('block')} blocking, ${count('waivable')} waivable, ${count('advisory')} advisory`;
    return `${[...showFindings(findings, terminal), '', summary].join('\n')}\n`;
  },
  exitCode: ({ findings }) => {
    if (findings.some((finding) => finding.severity === 'block')) return exitCodes.fail;
    return findings.some((finding) => finding.severity === 'waivable') ? exitCodes.waiverRequired : exitCodes.pass;
  },
};
