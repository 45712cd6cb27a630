import type { CascadeReport } from './cascade-report.js';
import type { Played, Standing } from './play.js';
import type { SettingName } from './scenes.js';

/** One promise: what was measured, what it has to be, and whether it is. */
export interface Target {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bound: { readonly below: number } | { readonly atLeast: number };
  readonly isMet: boolean;
  /** Within a point of the best that can be; not given where no ceiling is known. */
  readonly isAtCeiling?: boolean;
  readonly remark: string;
}

/** The promises about the default policy, on one matrix. */
export function policyTargets(set: string, played: readonly Played[]): readonly Target[] {
  const own = (setting: SettingName): Standing | undefined =>
    played.find((each) => each.setting === setting)?.standings.find(({ contender }) => contender === 'default policy');
  const regret = (what: string, standing: Standing | undefined, most: number): readonly Target[] =>
    standing === undefined
      ? []
      : [
          target(
            `${set}: ${what}`,
            standing.regret.median,
            'points',
            { below: most },
            `median; mean ${one(standing.regret.mean)}`,
          ),
        ];
  return [
    ...regret('cold, regret to the best arm in hindsight', own('cold'), 4.5),
    ...regret('warm-started on calibration tasks', own('warm'), 2),
    ...regret('believed by price, regret to the best arm in hindsight', own('priced'), 4.5),
    ...lossByDelay(set, 'warm-started, lost to a delay of 200', own('delayed-warm'), own('warm'), null),
    ...lossByDelay(set, 'believed by price, lost to a delay of 200', own('delayed-priced'), own('priced'), null),
    ...lossByDelay(set, 'cold, lost to a delay of 200', own('delayed'), own('cold'), played),
    ...answer(`${set}: new best arm taken up`, own('arrival'), 150),
    ...answer(`${set}: arm that dropped by half left`, own('drift'), 200),
  ];
}

function lossByDelay(
  set: string,
  what: string,
  late: Standing | undefined,
  prompt: Standing | undefined,
  played: readonly Played[] | null,
): readonly Target[] {
  if (late === undefined || prompt === undefined) return [];
  const lost = late.regret.mean - prompt.regret.mean;
  const remark = played === null ? '' : ceilingOf(played, prompt);
  const measured = target(`${set}: ${what}`, lost, 'points', { below: 2 }, remark);
  const ceiling = played?.find(({ setting }) => setting === 'delayed')?.lateRegret ?? null;
  if (ceiling === null) return [measured];
  return [{ ...measured, isAtCeiling: lost <= ceiling.regret.mean - prompt.regret.mean + 1 }];
}

/** What a delay costs whatever one does: those who know everything after the blind steps, and ourselves if told all then. */
function ceilingOf(played: readonly Played[], prompt: Standing): string {
  const blind = played.find(({ setting }) => setting === 'blind');
  const told = blind?.standings.find(({ contender }) => contender === 'default policy');
  if (blind?.blindRegret === undefined || blind.blindRegret === null || told === undefined) return '';
  const lost = (regret: number): string => one(regret - prompt.regret.mean);
  const learner = played.find(({ setting }) => setting === 'delayed')?.lateRegret ?? null;
  const late =
    learner === null ? '' : `a learner without priors, as good as one can be, ${lost(learner.regret.mean)}; `;
  return `ceiling: ${late}who knows nothing for 200 steps and everything afterwards loses ${lost(blind.blindRegret.mean)}; the default policy, told all at step 200 and nothing late from then on, ${lost(told.regret.mean)}`;
}

function answer(what: string, standing: Standing | undefined, within: number): readonly Target[] {
  const answered = standing?.answered;
  if (answered === undefined || answered === null) return [];
  const remark = `median; ${answered.seeds} of the ${answered.of} seeds that were affected got there at all`;
  return [target(what, answered.median, 'tasks', { below: within }, remark)];
}

/** The promises about plans on `openhands_index`, with and without the arm that stands out. */
export function cascadeTargets({ set, without, ends }: CascadeReport): readonly Target[] {
  const costs = (end: keyof typeof ends): string =>
    `at ${ends[end].relativeCost.mean.toFixed(2)} × its cost (splits ${ends[end].worst.toFixed(2)} at most)`;
  const gain = (what: string, end: keyof typeof ends, least: number): Target =>
    target(`${set}: ${what}`, ends[end].gain.mean, 'points', { atLeast: least }, costs(end));
  const cost = (what: string, end: keyof typeof ends, most: number): Target =>
    target(
      `${set}: ${what}`,
      100 * ends[end].relativeCost.mean,
      '% of its cost',
      { below: most },
      `${one(ends[end].gain.mean)} points`,
    );
  return without.length > 0
    ? [
        gain(`plan against the best arm, without ${without.join(', ')}`, 'better', 4),
        cost('that plan', 'better', 100),
        gain(`cheaper plan, without ${without.join(', ')}`, 'cheaper', 0),
        cost('that plan', 'cheaper', 45),
      ]
    : [gain('plan near the best arm, with all arms', 'near', -1), cost('that plan', 'near', 60)];
}

function target(what: string, value: number, unit: string, bound: Target['bound'], remark: string): Target {
  const isMet = 'below' in bound ? value <= bound.below : value >= bound.atLeast;
  return { what, value, unit, bound, isMet, remark };
}

function one(value: number): string {
  return value.toFixed(1);
}
