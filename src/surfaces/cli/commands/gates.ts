import type { GateCheck } from '../../../app/gates/check-gates.js';
import type { GateList, GatesInput } from '../../../app/gates/list-gates.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { repositoryOf } from './candidate-flags.js';
import { type CommandSurface, type Flags, textOf } from './command-surface.js';

const shape = (flags: Flags, terminal: Terminal): GatesInput => ({
  repository: repositoryOf(flags, terminal),
  base: textOf(flags, 'base') ?? 'HEAD',
});

export const gatesListSurface: CommandSurface<GatesInput, GateList> = {
  shape,
  show({ gates, sandbox, base }, terminal) {
    if (gates.length === 0)
      return `the base ${base.slice(0, 12)} configures no gates: run arbiter init, and commit .caws\n`;
    const lines = gates.map(
      (gate) =>
        `${paint(terminal, 'bold', gate.name.padEnd(12))} ${gate.kind.padEnd(10)} ${gate.mandatory ? 'mandatory' : 'optional '}  ${showForeign(gate.command.join(' '))}`,
    );
    const state = sandbox.available ? paint(terminal, 'green', 'ready') : paint(terminal, 'red', 'not available');
    return `${[...lines, '', `sandbox: ${sandbox.name}, ${state}${sandbox.detail === '' ? '' : ` (${sandbox.detail})`}`].join('\n')}\n`;
  },
  exitCode: ({ sandbox }) => (sandbox.available ? exitCodes.pass : exitCodes.fault),
};

export const gatesCheckSurface: CommandSurface<GatesInput, GateCheck> = {
  shape,
  show({ gates }, terminal) {
    const lines = gates.map(
      ({ name, life, detail }) => `${showLife(life, terminal)}  ${name.padEnd(12)} ${showForeign(detail)}`,
    );
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ gates }) => (gates.some((gate) => gate.life === 'dead') ? exitCodes.fail : exitCodes.pass),
};

function showLife(life: GateCheck['gates'][number]['life'], terminal: Terminal): string {
  if (life === 'alive') return paint(terminal, 'green', 'alive    ');
  return life === 'dead' ? paint(terminal, 'red', 'DEAD     ') : paint(terminal, 'yellow', 'unchecked');
}
