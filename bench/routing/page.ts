import type { CascadeReport, EndReport } from './cascade-report.js';
import { margins } from './cascades.js';
import type { Matrix } from './matrix.js';
import { type Played, type Standing, drawn } from './play.js';
import { type SettingName, delaySteps } from './scenes.js';
import type { Spread } from './statistics.js';
import type { Target } from './targets.js';
import { type Tried, streams } from './tried.js';

/** All that one run of the bench came to, for one matrix. */
export interface SetReport {
  readonly matrix: Matrix;
  readonly played: readonly Played[];
  readonly cascades: readonly CascadeReport[];
  readonly targets: readonly Target[];
  readonly tried: readonly Tried[];
}

/** Name of a setting's chart, beside the page. */
export function chartName(set: string, setting: SettingName | 'cascades', without = 0): string {
  return `${set}-${setting}${without > 0 ? '-without' : ''}.svg`;
}

const told: Readonly<Record<SettingName, string>> = {
  cold: 'Cold: nothing is known of any arm.',
  warm: 'Warm-started: each arm begins with its mean over the calibration tasks, worth as many outcomes as those are.',
  delayed: `Delayed: cold, and each outcome comes ${delaySteps} steps after its choice.`,
  blind: `Blind: cold, no outcome comes for ${delaySteps} steps, then all of them, and none is late any more.`,
  'delayed-warm': `Delayed, warm-started: each outcome comes ${delaySteps} steps after its choice.`,
  priced: 'By price: cold, but for what the product believes of agents by the prices of their models.',
  'delayed-priced': `Delayed, by price: each outcome comes ${delaySteps} steps after its choice.`,
  drift: 'Drift: from half-time on, every second success of the best arm fails.',
  arrival: 'Arrival: the best arm can be chosen only from half-time on.',
  budgeted: 'Budgeted: half of what the best arm would cost for all tasks; a task without money counts as failed.',
};

/** The tables of one matrix, as markdown. */
export function describeSet({ matrix, played, cascades, tried }: SetReport): string {
  const settings = played.map((each) => describePlayed(matrix.name, each));
  return [
    `## ${matrix.name}: ${matrix.tasks.length} tasks, ${matrix.arms.length} arms`,
    ...cascades.map(describeCascades),
    ...settings,
    describeTried(tried),
  ].join('\n\n');
}

function describePlayed(set: string, played: Played): string {
  const hasCost = played.standings.some((each) => each.costUsd !== null);
  const hasAnswer = played.standings.some((each) => each.answered !== null);
  const head = ['', 'reward', ...(hasCost ? ['$ a task'] : []), 'regret', ...(played.oracle ? ['to the oracle'] : [])];
  const last = hasAnswer ? ['answered after'] : [];
  const rows = played.standings.map((each) => [
    each.contender,
    interval(each.reward),
    ...(hasCost ? [each.costUsd === null ? '' : dollars(each.costUsd.mean)] : []),
    interval(each.regret),
    ...(played.oracle ? [each.oracleRegret === null ? '' : interval(each.oracleRegret)] : []),
    ...(hasAnswer ? [answerOf(each)] : []),
  ]);
  const notes = [
    played.oracle === null ? '' : `The split-run oracle has ${interval(played.oracle)}.`,
    played.blindRegret === null
      ? ''
      : `Nothing known for ${delaySteps} steps, all afterwards: regret ${interval(played.blindRegret)}.`,
    played.lateRegret === null ? '' : describeLate(played.lateRegret),
  ].filter((note) => note !== '');
  return [
    `### ${told[played.setting]}`,
    `${played.steps} tasks, ${played.arms} arms, ${played.calibration} calibration tasks. ${notes.join(' ')}`.trim(),
    tableOf([...head, ...last], rows),
    `![regret so far](bench-routing/${chartName(set, played.setting)})`,
  ].join('\n\n');
}

/** What was tried against the delay: the best line of each column is as good as tuning on these very seeds can be. */
function describeTried(tried: readonly Tried[]): string {
  const rows = tried.map(({ what, cold, delayed }) => [
    what,
    interval(cold),
    interval(delayed),
    (delayed.mean - cold.mean).toFixed(1),
  ]);
  return [
    '### Tried against a delay of a cold start',
    `Regret of other settings and other policies on these very seeds, each replayed ${streams} times with other draws: the best of a column is more than tuning can promise.`,
    tableOf(['', 'cold', 'delayed', 'lost'], rows),
  ].join('\n\n');
}

function describeLate({ regret, tried }: NonNullable<Played['lateRegret']>): string {
  return `A learner without priors, as good as one can be: regret ${interval(regret)}, with ${tried} arms.`;
}

function answerOf({ answered }: Standing): string {
  if (answered === null) return '';
  return `${Number.isFinite(answered.median) ? answered.median : 'never'} (${answered.seeds} of ${answered.of})`;
}

function describeCascades(report: CascadeReport): string {
  const { set, without, ends, best, verifier } = report;
  const named: readonly (readonly [string, EndReport])[] = [
    [`most success for no more (learned at ≤ ${margins.budget} × the cost)`, ends.better],
    ['no worse, for least', ends.cheaper],
    ['at most a point worse, for least', ends.near],
    ['the best arm of the learning half, alone behind the verdict', ends.gated],
    ['upper bound: most success for no more, if the verdict never erred', ends.perfect],
  ];
  const rows = named.map(([what, end]) => [
    what,
    interval(end.success),
    interval(end.gain),
    dollars(end.costUsd.mean),
    `${end.relativeCost.mean.toFixed(2)} (${end.relativeCost.low.toFixed(2)} to ${end.relativeCost.high.toFixed(2)})`,
    end.wrong.mean.toFixed(1),
    `+${end.ifLastLanded.toFixed(1)}`,
  ]);
  const title = without.length > 0 ? `, without ${without.join(', ')}` : '';
  return [
    `### Plans against the best arm${title}`,
    `${report.tasks} tasks, ${report.arms} arms with a price, ${report.splits} splits, false accept ${verifier.false_accept}, false reject ${verifier.false_reject}; the arms fail together with ρ = ${report.correlation.toFixed(2)}. The best arm of the scoring half, unjudged (${best.usual} most often): ${interval(best.success)} at ${dollars(best.costUsd.mean)} a task.`,
    tableOf(['plan', 'success', 'gain', '$ a task', '× cost', 'wrong', 'last landed'], rows),
    `Chosen most often: for more success ${planOf(ends.better)}; no worse, for least ${planOf(ends.cheaper)}; at most a point worse ${planOf(ends.near)}.`,
    `![front](bench-routing/${chartName(set, 'cascades', without.length)})`,
  ].join('\n\n');
}

function planOf({ usual }: EndReport): string {
  return `${usual.steps.join(' → ')} (${usual.splits})`;
}

/** The table of promises. */
export function describeTargets(targets: readonly Target[]): string {
  const rows = targets.map(({ what, value, unit, bound, isMet, isAtCeiling, remark }) => [
    what,
    `${Number.isFinite(value) ? value.toFixed(unit === 'tasks' ? 0 : 1) : 'never'} ${unit}`,
    'below' in bound ? `≤ ${bound.below}` : `≥ ${bound.atLeast}`,
    verdictOf(isMet, isAtCeiling ?? false),
    remark,
  ]);
  return tableOf(['what', 'measured', 'target', '', 'beside it'], rows);
}

function verdictOf(isMet: boolean, isAtCeiling: boolean): string {
  if (isMet) return 'met';
  return isAtCeiling ? '**missed**; within a point of the ceiling' : '**missed**';
}

/** What the figures mean; the head of the page. */
export function preamble(seeds: number): string {
  return `# Benchmarks of routing

Made by \`npm run bench:routing -- --write\`, from the outcome matrices in \`bench/routing/data\` (sources and licences stand
there). Deterministic: the same sources give the same bytes. \`npm run bench:routing -- --data FILE --arms FILE\` does the
same for any other matrix in that format.

- **Seeds.** ${seeds}. Each draws ${drawn.arms} arms evenly (all, where there are fewer), up to ${drawn.tasks} tasks in random order that all of them
  have an outcome for, and up to ${drawn.calibration} others for calibration; only a warm start takes these away
  from a set that is too small for both. The default policy was tuned on other seeds. In brackets:
  95 % intervals of the mean over seeds.
- **Points.** Reward and regret are hundredths of one success a task. Regret is to the best single arm in hindsight (of each
  half, where something changes; to the best mix of arms, where money binds).
- **Oracle.** An oracle that sees the scored runs gains by their luck. Ours is told, of each task, how the *other* arms
  fared on it, and an arm's run counts where that arm is predicted best without it (\`bench/routing/oracle.ts\`).
- **Answered.** Steps from a change to the end of the first 50 of which at least half choose the new arm, or another than
  the fallen one; median over seeds, and how many got there of those that were affected. Whoever did not choose the arm that
  falls in half of the 50 steps before is not counted.
- **By price.** At its first task the product believes of an agent what the price of its model says (\`src/core/routing/prior.ts\`),
  worth four outcomes. Its line over prices was fitted to the arms of this very index, so the replay fits it anew for each
  seed, to the arms that were *not* drawn. Sets whose arms have no price are left out.
- **Late learner.** The ceiling of a cold start whose outcomes come ${delaySteps} steps late (\`bench/routing/late-learner.ts\`). Nobody
  can tell arms apart in the first ${delaySteps} steps; in the next ${delaySteps} one outcome a step comes in, of what was chosen blindly,
  and nothing that is chosen then teaches anything before step ${2 * delaySteps}: the greatest mean is the best choice there is.
  From step ${2 * delaySteps} on this learner is granted the best arm. How many arms it asks is chosen in hindsight, on these seeds.
- **Plans.** Learned on a random half of the tasks, scored on the other, against the best single arm of the *scoring* half
  without any verdict. What every step refuses is not landed and counts as failed; "last landed" is what landing the last
  candidate anyway would add, "wrong" are tasks on which something bad was accepted. Arms without a recorded price on half
  of the tasks are left out, and so are tasks that more than a quarter of the arms have no outcome for; of the others, a plan
  is scored on those that all its arms and the best one have. A cost that was not recorded is the arm's mean of the group.
  Verdicts err independently of each other. The matrices hold no latency, so races and hedges are not replayed.
- **Budgets.** Policies are paced: a dollar has the price that it has on the hull of what is believed, for what is left
  for each task that is left. Baselines spend until nothing is left.`;
}

function interval({ mean, low, high }: Spread): string {
  return `${mean.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
}

function dollars(usd: number): string {
  return usd >= 0.01 ? usd.toFixed(3) : usd.toPrecision(3);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
