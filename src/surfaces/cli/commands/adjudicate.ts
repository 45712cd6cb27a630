import { resolve } from 'node:path';
import type { AdjudicateInput, AdjudicateOutput } from '../../../app/adjudicate/adjudicate.js';
import { explainVerdict } from '../../../core/caws/verdict/explain-verdict.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import { exitCodes } from '../exit-codes.js';
import { paint } from '../paint.js';
import type { CommandSurface } from './command-surface.js';
import { definedOnly } from './command-surface.js';
import { pathOfFlag } from './candidate-flags.js';
import { shapePlea } from './examine.js';

const colours = { PASS: 'green', FAIL: 'red', WAIVER_REQUIRED: 'yellow' } as const;

/** The exit code that a verdict stands for. */
export const exitCodeOfVerdict: Readonly<Record<Verdict['verdict'], number>> = {
  PASS: exitCodes.pass,
  FAIL: exitCodes.fail,
  WAIVER_REQUIRED: exitCodes.waiverRequired,
};

/** The verdict in words, its first line in colour. */
export function showVerdict(verdict: Verdict, terminal: { readonly colour: boolean }): string[] {
  const [headline = '', ...rest] = explainVerdict(verdict);
  return [paint(terminal, colours[verdict.verdict], headline), ...rest];
}

export const adjudicateSurface: CommandSurface<AdjudicateInput, AdjudicateOutput> = {
  shape: (flags, terminal) => ({
    ...shapePlea(flags, terminal),
    ...definedOnly({ out: pathOfFlag(flags, 'out', terminal), key: pathOfFlag(flags, 'key', terminal) }),
  }),
  show({ verdict, files }, terminal) {
    const lines = [
      ...showVerdict(verdict, terminal),
      '',
      `verdict:   ${files.verdict}`,
      `signature: ${files.signature ?? 'none'}`,
      `explain:   arbiter verdict verify ${resolve(files.verdict)}`,
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ verdict }) => exitCodeOfVerdict[verdict.verdict],
};
