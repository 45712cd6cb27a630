import type { DemoRoutingInput, DemoRoutingOutput } from '../../../app/demo/demo-routing.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import { type CommandSurface } from './command-surface.js';

export const demoRoutingSurface: CommandSurface<Partial<DemoRoutingInput>, DemoRoutingOutput> = {
  shape: () => ({}),
  show({ tasks, last, replayed, converged }, terminal) {
    const lines = tasks.map(({ state, chances, chosen, outcomes, milliseconds }, place) => {
      const shown = Object.entries(chances).map(([agent, chance]) => `${agent} ${(100 * chance).toFixed(0)} %`);
      const came = `${outcomes.join(', then ')} → ${state}`;
      return `task ${place + 1}: ${shown.join(' · ')}; drawn: ${paint(terminal, 'bold', chosen)}; ${came} (${(milliseconds / 1000).toFixed(1)} s)`;
    });
    const end = converged
      ? paint(terminal, 'green', 'the agent that passes has the greatest chance now')
      : paint(terminal, 'red', 'the agent that passes has not the greatest chance yet');
    const again = replayed
      ? 'every decision comes out again from its record, to the byte'
      : 'a decision came out otherwise';
    return `${[
      ...lines,
      '',
      `${end}; ${again}`,
      '',
      paint(terminal, 'bold', `arbiter route explain ${last.decision.id}`),
      ...last.words.map((line) => `  ${showForeign(line)}`),
    ].join('\n')}\n`;
  },
  exitCode: ({ converged, replayed }) => (converged && replayed ? exitCodes.pass : exitCodes.fail),
};
