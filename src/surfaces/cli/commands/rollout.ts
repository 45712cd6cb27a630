import { resolve } from 'node:path';
import { userInfo } from 'node:os';
import type { RolloutWord } from '../../../app/rollout/decide-rollout.js';
import type { RolloutObserve, RolloutObserved } from '../../../app/rollout/observe-lines.js';
import type { RolloutStatus } from '../../../app/rollout/operations.js';
import type { RolloutReport } from '../../../app/rollout/rollout-report.js';
import type { RolloutStart } from '../../../app/rollout/start-rollout.js';
import type { Share } from '../../../core/rollout/side-steps.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf, textsOf } from './command-surface.js';
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

/** A policy's word, with the path of its file made whole. */
const policyWordOf = (word: string, { directory }: Terminal): string =>
  /\.(ya?ml|json)$/.test(word) ? resolve(directory, word) : word;

function subjectOf(flags: Flags, terminal: Terminal): RolloutStart['subject'] {
  const incumbent = textOf(flags, 'incumbent') ?? null;
  const candidate = textOf(flags, 'candidate') ?? '';
  if (textOf(flags, 'kind') === 'policy') {
    const word = incumbent === null ? null : policyWordOf(incumbent, terminal);
    return {
      kind: 'policy',
      incumbent: word,
      candidate: policyWordOf(candidate, terminal),
      directory: terminal.directory,
    };
  }
  const [file, command] = [textOf(flags, 'file'), textsOf(flags, 'command')];
  return {
    // The operation's own schema says which kinds there are.
    kind: (textOf(flags, 'kind') ?? 'agent') as 'agent',
    incumbent,
    candidate,
    change: definedOnly({
      model: textOf(flags, 'model'),
      file: file === undefined ? undefined : resolve(terminal.directory, file),
      command: command.length === 0 ? undefined : command,
    }),
    ...definedOnly({ discount: numberOf(flags, 'discount') }),
  };
}

export const rolloutStartSurface: CommandSurface<RolloutStart, RolloutReport> = {
  shape: (flags, terminal) => ({
    subject: subjectOf(flags, terminal),
    // The operation's own schema says which surfaces there are.
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
  show({ rollouts, steps, tracked, kept }, terminal) {
    if (rollouts.length === 0) return 'no rollouts yet: arbiter rollout start --incumbent A@1 --candidate A@2\n';
    const story = (steps ?? []).map((step) => {
      const when = new Date(step.at_ms).toISOString();
      const who = 'by' in step && step.by !== null ? `by ${showForeign(step.by)}` : 'by its tests';
      if (step.type === 'stage-reached') return `  ${when}  ${step.stage} ${who}: ${showForeign(step.why)}`;
      if (step.type === 'version-settled') return `  ${when}  ${step.standing}: ${showForeign(step.why)}`;
      if (step.type === 'rollout-ended')
        return `  ${when}  ${step.state} (${step.cause}) ${who}: ${showForeign(step.why)}`;
      return `  ${when}  started ${who}`;
    });
    const spoilt = kept === 'rebuilt' ? ['  what was kept of it differs: this is what its story tells'] : [];
    return `${[
      ...rollouts.flatMap((report) => showReport(report, terminal)),
      ...(tracked === null ? [] : showTracked(tracked)),
      ...story,
      ...spoilt,
    ].join('\n')}\n`;
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

function showReport({ rollout, percent, judgement, evidence, adopt }: RolloutReport, terminal: Terminal): string[] {
  const { id, subject, surface, stage, comparison, ended, brought } = rollout;
  const policies = brought?.what === 'policies' ? brought : null;
  const side = (name: 'incumbent' | 'candidate'): string => {
    const { outcomes, reward, faults } = comparison.tally[name];
    const mean = outcomes === 0 ? 'no outcome yet' : `mean reward ${(reward / outcomes).toFixed(3)} of ${outcomes}`;
    const told = policies === null ? '' : `  ${showForeign(JSON.stringify(policies[name]))}`;
    return `  ${name.padEnd(9)} ${showForeign(subject[name])}  ${mean}, ${countOf(faults, 'fault')}${told}`;
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
    ...(adopt === null
      ? []
      : [
          '  it decides while this rollout stands; to make it the configured one, a person puts into .caws/arbiter.yaml:',
        ]),
    ...(adopt === null
      ? []
      : adopt
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`)),
  ];
}

function showTracked({ sides, uncounted }: NonNullable<RolloutStatus['tracked']>): string[] {
  const left = Object.entries(uncounted).filter(([, times]) => times > 0);
  return [
    ...(['incumbent', 'candidate'] as const).map((side) => {
      const { counted, ended, plan_success, first_step_success, unplanned_fallback } = sides[side];
      const shares = `plan ${showShare(plan_success)}, first step ${showShare(first_step_success)}, unplanned fallback ${showShare(unplanned_fallback)}`;
      return `  ${side.padEnd(9)} ${ended} of ${countOf(counted, 'task')} tracked to the end${ended === 0 ? '' : `: ${shares}`}`;
    }),
    ...(left.length === 0
      ? []
      : [`  did not count: ${left.map(([why, times]) => `${countOf(times, 'task')} ${why}`).join(', ')}`]),
  ];
}

function showShare({ share, interval }: Share): string {
  const percent = (value: number): string => (100 * value).toFixed(1);
  if (share === null || interval === null) return '-';
  return `${percent(share)} % (${percent(interval[0])} to ${percent(interval[1])})`;
}
