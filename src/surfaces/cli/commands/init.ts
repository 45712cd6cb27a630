import type { InitInput, InitOutput } from '../../../app/init/init.js';
import { exitCodes } from '../exit-codes.js';
import { paint } from '../paint.js';
import { repositoryOf } from './candidate-flags.js';
import type { CommandSurface } from './command-surface.js';

export const initSurface: CommandSurface<InitInput, InitOutput> = {
  shape: (flags, terminal) => ({ repository: repositoryOf(flags, terminal), github: flags['github'] === true }),
  show(output, terminal) {
    const lines = [
      `${output.root}: ${output.stack === null ? 'no stack recognised' : `stack ${output.stack}`}`,
      ...output.written.map((path) => `${paint(terminal, 'green', 'wrote')} ${path}`),
      ...output.kept.map((path) => `${paint(terminal, 'dim', 'kept ')} ${path}`),
      `root key    ${output.rootKeyId}  (pinned outside the repository)`,
      `verdict key ${output.verdictKeyId}`,
      output.sandbox.available
        ? 'sandbox     bubblewrap works'
        : paint(terminal, 'yellow', `sandbox     ${output.sandbox.detail}`),
      ...output.notes.map((note) => `${paint(terminal, 'yellow', 'note ')} ${note}`),
      '',
      'Next:',
      ...output.next.map((step) => `  ${step}`),
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};
