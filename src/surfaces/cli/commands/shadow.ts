import type { ShadowIngest, ShadowReport } from '../../../app/rollout/ingest-shadow.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, showForeign } from '../paint.js';
import { pathOfFlag } from './candidate-flags.js';
import { type CommandSurface, definedOnly, numberOf, textOf } from './command-surface.js';
import { sourceOf } from './rollout.js';
import { showQuarantine } from './show-quarantine.js';

export const shadowIngestSurface: CommandSurface<ShadowIngest, ShadowReport> = {
  async shape(flags, terminal) {
    const name = textOf(flags, 'policy');
    // The operation's own schema says which policies there are.
    const policy = name === undefined ? undefined : ({ name } as NonNullable<ShadowIngest['policy']>);
    const more = { policy, floor: numberOf(flags, 'floor'), quarantine: pathOfFlag(flags, 'quarantine', terminal) };
    return { source: await sourceOf(flags, terminal), ...definedOnly(more) };
  },
  show(report, terminal) {
    const { decisions, outcomes, policy, quarantined, quarantine_file } = report;
    return `${[
      `${countOf(decisions, 'decision')}, ${countOf(outcomes, 'outcome')}, read beside ${policy}`,
      ...showAgreement(report),
      ...showValue(report.value),
      ...showQuarantine(quarantined, quarantine_file, terminal),
    ].join('\n')}\n`;
  },
  exitCode: ({ quarantined }) => (quarantined.length === 0 ? exitCodes.pass : exitCodes.fail),
};

function showAgreement({ agreement, differences }: ShadowReport): string[] {
  if (agreement === null) return [];
  const { same, rate, probability } = agreement;
  return [
    `  agreement: ${same} (${(100 * rate).toFixed(1)} %); it would have chosen the same with probability ${probability.toFixed(3)}`,
    ...differences.map(({ chosen, favoured, times, mean_reward }) => {
      const earned = mean_reward === null ? '' : `, which earned ${mean_reward.toFixed(3)}`;
      return `    ${times} times ${showForeign(favoured)} instead of ${showForeign(chosen)}${earned}`;
    }),
  ];
}

function showValue(value: ShadowReport['value']): string[] {
  if (value.kind === 'refused') return [`  what it would have earned: refused: ${value.why}`, `    ${value.mend}`];
  const tell = (name: 'logged' | 'ips' | 'snips' | 'dr', what: string): string => {
    const { value: mean, low, high } = value[name];
    return `    ${what.padEnd(28)} ${mean.toFixed(3)}  (95 %: ${low.toFixed(3)} to ${high.toFixed(3)})`;
  };
  return [
    `  mean reward, from ${value.decisions} decisions worth ${value.effective.toFixed(1)} of its own:`,
    tell('logged', 'what was chosen'),
    tell('dr', 'the policy, doubly robust'),
    tell('snips', 'the policy, self-normalised'),
    tell('ips', 'the policy, inverse weights'),
  ];
}
