import { resolve } from 'node:path';
import { userInfo } from 'node:os';
import type { RolloutWord } from '../../../app/rollout/decide-rollout.js';
import type { RolloutObserve, RolloutObserved } from '../../../app/rollout/observe-lines.js';
import type { RolloutStart, RolloutStatus } from '../../../app/rollout/operations.js';
import type { RolloutReport } from '../../../app/rollout/rollout-report.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf } from './command-surface.js';
import { readInput } from './read-input.js';
import { showQuarantine } from './show-quarantine.js';

const colours: Readonly<Record<RolloutReport['judgement'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  gathering: 'dim',
  climbing: 'green',
  undecided: 'yellow',
  'at-the-top': 'green',
  finished: 'green',
  'rolled-back': 'red',
};

/** The JSON Lines that a file flag names; `-` is standard input. */
export async function sourceOf(flags: Flags, terminal: Terminal): Promise<RolloutObserve['source']> {
  const file = textOf(flags, 'file') ?? '-';
  return file === '-' ? { text: await readInput() } : { file: resolve(terminal.directory, file) };
}

const speakerOf = (flags: Flags): string => textOf(flags, 'as') ?? userInfo().username;

export const rolloutStartSurface: CommandSurface<RolloutStart, RolloutReport> = {
  shape: (flags) => ({
    subject: {
      // The operation's own schema says which kinds and surfaces there are.
      kind: (textOf(flags, 'kind') ?? 'agent') as RolloutStart['subject']['kind'],
      incumbent: textOf(flags, 'incumbent') ?? '',
      candidate: textOf(flags, 'candidate') ?? '',
    },
    surface: (textOf(flags, 'surface') ?? null) as RolloutStart['surface'],
    options: definedOnly({
      alpha: numberOf(flags, 'alpha'),
      margin: numberOf(flags, 'margin'),
      fault_rate: numberOf(flags, 'faultRate'),
      least: numberOf(flags, 'least'),
      shadow_decisions: numberOf(flags, 'shadowDecisions'),
      patience: numberOf(flags, 'patience'),
      outcomes_per_year: numberOf(flags, 'outcomesPerYear'),
    }),
    by: speakerOf(flags),
  }),
  show: (report, terminal) => `${showReport(report, terminal).join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const rolloutStatusSurface: CommandSurface<{ id?: string }, RolloutStatus> = {
  shape: (flags) => definedOnly({ id: textOf(flags, 'id') }),
  show({ rollouts, steps, kept }, terminal) {
    if (rollouts.length === 0) return 'no rollouts yet: arbiter rollout start --incumbent A@1 --candidate A@2\n';
    const story = (steps ?? []).map((step) => {
      const when = new Date(step.at_ms).toISOString();
      const who = 'by' in step && step.by !== null ? `by ${showForeign(step.by)}` : 'by its tests';
      if (step.type === 'stage-reached') return `  ${when}  ${step.stage} ${who}: ${showForeign(step.why)}`;
      if (step.type === 'rollout-ended')
        return `  ${when}  ${step.state} (${step.cause}) ${who}: ${showForeign(step.why)}`;
      return `  ${when}  started ${who}`;
    });
    const spoilt = kept === 'rebuilt' ? ['  what was kept of it differs: this is what its story tells'] : [];
    return `${[...rollouts.flatMap((report) => showReport(report, terminal)), ...story, ...spoilt].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

const wordSurface: CommandSurface<RolloutWord, RolloutReport> = {
  shape: (flags) => ({ id: textOf(flags, 'id') ?? '', by: speakerOf(flags), why: textOf(flags, 'reason') ?? '' }),
  show: (report, terminal) => `${showReport(report, terminal).join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};
export const rolloutPromoteSurface = wordSurface;
export const rolloutAbortSurface = wordSurface;

export const rolloutObserveSurface: CommandSurface<RolloutObserve, RolloutObserved> = {
  shape: async (flags, terminal) => ({ source: await sourceOf(flags, terminal) }),
  show({ counted, uncounted, steps, quarantined }, terminal) {
    const left = Object.entries(uncounted).filter(([, times]) => times > 0);
    return `${[
      `${countOf(counted, 'line')} counted${left.map(([why, times]) => `, ${times} not: ${why}`).join('')}`,
      ...steps.map(({ line, rollout, stage, ended }) => `  line ${line}: ${rollout} ${ended ?? `reached ${stage}`}`),
      ...showQuarantine(quarantined, null, terminal),
    ].join('\n')}\n`;
  },
  exitCode: ({ quarantined }) => (quarantined.length === 0 ? exitCodes.pass : exitCodes.fail),
};

function showReport({ rollout, percent, judgement, evidence }: RolloutReport, terminal: Terminal): string[] {
  const { id, subject, surface, stage, comparison, ended } = rollout;
  const side = (name: 'incumbent' | 'candidate'): string => {
    const { outcomes, reward, faults } = comparison.tally[name];
    const mean = outcomes === 0 ? 'no outcome yet' : `mean reward ${(reward / outcomes).toFixed(3)} of ${outcomes}`;
    return `  ${name.padEnd(9)} ${showForeign(subject[name])}  ${mean}, ${countOf(faults, 'fault')}`;
  };
  const bets = (['merit', 'harm', 'errors'] as const).map(
    (name) => `${name} ${evidence[name].e_value.toPrecision(3)} of ${evidence[name].wanted.toPrecision(3)}`,
  );
  const where = surface === null ? 'every surface' : surface;
  return [
    `${paint(terminal, 'bold', id)}  ${subject.kind}, ${where}  ${paint(terminal, colours[judgement], judgement)}  ${stage}, ${percent} % of tasks`,
    side('incumbent'),
    side('candidate'),
    `  e-values: ${bets.join(', ')}`,
    ...(ended === null
      ? []
      : [`  ${ended.cause}${ended.by === null ? '' : ` by ${showForeign(ended.by)}`}: ${showForeign(ended.why)}`]),
  ];
}
