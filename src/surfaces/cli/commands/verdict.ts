import { resolve } from 'node:path';
import type { VerifyInput } from '../../../app/verdict/verify.js';
import type { VerdictVerification } from '../../../core/caws/verdict/verification.js';
import { exitCodes } from '../exit-codes.js';
import { paint } from '../paint.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { type CommandSurface, definedOnly, textOf } from './command-surface.js';

export const verdictVerifySurface: CommandSurface<VerifyInput, VerdictVerification> = {
  shape: (flags, terminal) => ({
    file: resolve(terminal.directory, textOf(flags, 'file') ?? ''),
    repository: repositoryOf(flags, terminal),
    ...definedOnly({
      allowedSigners: pathOfFlag(flags, 'allowedSigners', terminal),
      logKey: pathOfFlag(flags, 'logKey', terminal),
    }),
  }),
  show(output, terminal) {
    const [headline = '', ...rest] = output.explanation;
    return `${[paint(terminal, output.verified ? 'green' : 'red', headline), ...rest].join('\n')}\n`;
  },
  exitCode: ({ verified }) => (verified ? exitCodes.pass : exitCodes.fail),
};
