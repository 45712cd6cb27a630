import type { DriftReport, RolloutDrift } from '../../../app/rollout/watch-drift.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import { type CommandSurface, definedOnly, numberOf } from './command-surface.js';

const colours = { fell: 'red', steady: 'green', learning: 'dim' } as const;

export const rolloutDriftSurface: CommandSurface<RolloutDrift, DriftReport> = {
  shape: (flags) => definedOnly({ drop: numberOf(flags, 'drop') }),
  show({ arms }, terminal) {
    if (arms.length === 0) return 'nothing was tracked yet: arbiter track status says more\n';
    const lines = arms.map((one) => {
      const { arm, surface, state, outcomes, mean_reward, level, threshold, alarmed_at_ms } = one;
      const sum = level === null || threshold === null ? '' : `, ${level.toFixed(2)} of ${threshold.toFixed(2)}`;
      const alarm = alarmed_at_ms === null ? '' : `, last alarm ${new Date(alarmed_at_ms).toISOString()}`;
      const what = `mean reward ${mean_reward.toFixed(3)} of ${countOf(outcomes, 'outcome')}`;
      return `${paint(terminal, colours[state], state.padEnd(8))} ${showForeign(arm)}  ${surface}  ${what}${sum}${alarm}`;
    });
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ arms }) => (arms.some(({ state }) => state === 'fell') ? exitCodes.fail : exitCodes.pass),
};
