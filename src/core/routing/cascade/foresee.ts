import { type RoutePlan, agentsOf } from '../plan.js';
import { type Outlook, refuse } from './outlook.js';
import { type Verifier, acceptance } from './verifier.js';

/**
 * What is to be expected of a plan. `landed`: something good passed; `wrong`: something bad passed; `none`: every step
 * was refused, and nothing lands (these three sum to 1). `ifLastLanded`: success where, instead, the last refused
 * candidate were landed anyway: for comparison, since Arbiter never does that. Cost in micro-dollars, latency in
 * milliseconds to the end, `begun` is the mean number of steps that were started.
 */
export interface Foreseen {
  readonly landed: number;
  readonly wrong: number;
  readonly none: number;
  readonly ifLastLanded: number;
  readonly cost: number;
  readonly latencyMs: number;
  readonly begun: number;
}

type Tally = { -readonly [Key in keyof Foreseen]: Foreseen[Key] };

/** When an agent of a plan starts and ends if nothing stops it, in milliseconds from the start of the plan. */
interface Span {
  readonly arm: number;
  /** Begins only once the one before it was refused: not begun at all where that one passed. */
  readonly waits: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Expected course of a plan under an outlook. Verdicts err independently of each other, with the rates of `verifier`.
 * @throws CASCADE_INPUT_INVALID where the plan names an agent that the outlook has not, or one twice
 */
export function foreseePlan(plan: RoutePlan, outlook: Outlook, verifier: Verifier): Foreseen {
  const arms = agentsOf(plan).map((agent) => {
    const found = outlook.agents.indexOf(agent);
    if (found < 0) throw refuse(`the plan names ${agent}, of which nothing is known`);
    return found;
  });
  if (new Set(arms).size !== arms.length) throw refuse('the plan names an agent twice');
  const tally: Tally = { landed: 0, wrong: 0, none: 0, ifLastLanded: 0, cost: 0, latencyMs: 0, begun: 0 };
  for (let row = 0; row < outlook.weight.length; row++) {
    const spans = spansOf(plan, arms, outlook, row);
    if (plan.kind === 'parallel') runAll(tally, outlook, verifier, spans, row);
    else runUntilPass(tally, outlook, verifier, spans, row);
  }
  tally.ifLastLanded += tally.landed;
  return tally;
}

/** In the order in which they end, since that is the order in which they are judged; ties in the plan's order. */
function spansOf(plan: RoutePlan, arms: readonly number[], outlook: Outlook, row: number): readonly Span[] {
  const takes = (arm: number): number => outlook.latencyMs[arm]?.[row] ?? 0;
  if (plan.kind === 'single' || plan.kind === 'cascade') {
    let clock = 0;
    return arms.map((arm) => ({ arm, waits: true, start: clock, end: (clock += takes(arm)) }));
  }
  const hedge = plan.kind === 'hybrid' ? plan.hedge_ms : 0;
  const spans = arms.map((arm, index) => {
    const start = index * hedge;
    return { arm, waits: false, start, end: start + takes(arm) };
  });
  return plan.kind === 'parallel' ? spans : spans.toSorted((a, b) => a.end - b.end);
}

/** Judged one after another as they end; the first PASS ends what still runs, and keeps from starting what has not. */
function runUntilPass(tally: Tally, outlook: Outlook, verifier: Verifier, spans: readonly Span[], row: number): void {
  let reach = outlook.weight[row] ?? 0;
  const last = spans.length - 1;
  for (const [index, span] of spans.entries()) {
    const success = outlook.success[span.arm]?.[row] ?? 0;
    const accepted = reach * acceptance(success, verifier);
    const good = reach * success * (1 - verifier.false_reject);
    tally.landed += good;
    tally.wrong += accepted - good;
    if (index === last) {
      tally.none += reach - accepted;
      tally.ifLastLanded += reach * success * verifier.false_reject;
    }
    const ends = index === last ? reach : accepted;
    tally.latencyMs += ends * span.end;
    for (const [other, { arm }] of spans.entries()) {
      const part = other <= index ? 1 : partBy(span.end, spans[other]);
      tally.cost += ends * part * (outlook.cost[arm]?.[row] ?? 0);
      tally.begun += part > 0 ? ends : 0;
    }
    reach -= accepted;
  }
}

/** How much of a run that ends later is done by then. */
function partBy(atMs: number, span: Span | undefined): number {
  if (span === undefined || span.waits) return 0;
  if (span.end <= atMs) return 1;
  return span.start >= atMs ? 0 : (atMs - span.start) / (span.end - span.start);
}

/** All run to their end and all are judged; of those that pass, the one that stands first in the plan is taken. */
function runAll(tally: Tally, outlook: Outlook, verifier: Verifier, spans: readonly Span[], row: number): void {
  const weight = outlook.weight[row] ?? 0;
  let reach = weight;
  for (const [index, { arm }] of spans.entries()) {
    const success = outlook.success[arm]?.[row] ?? 0;
    const accepted = reach * acceptance(success, verifier);
    const good = reach * success * (1 - verifier.false_reject);
    tally.landed += good;
    tally.wrong += accepted - good;
    tally.cost += weight * (outlook.cost[arm]?.[row] ?? 0);
    tally.begun += weight;
    if (index === spans.length - 1) {
      tally.none += reach - accepted;
      tally.ifLastLanded += reach * success * verifier.false_reject;
    }
    reach -= accepted;
  }
  tally.latencyMs += weight * Math.max(...spans.map((span) => span.end));
}
