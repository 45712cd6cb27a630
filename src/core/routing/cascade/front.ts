import { type Outlook, checkOutlook, refuse } from './outlook.js';
import type { Verifier } from './verifier.js';

/** A sequence of agents, asked one after another until one passes, and what is expected of it (as in `Foreseen`). */
export interface Sequence {
  readonly steps: readonly string[];
  readonly landed: number;
  readonly wrong: number;
  readonly cost: number;
}

/** How far to search. `longest` steps at most; `width` sequences of each length are carried on to the next. */
export interface Reach {
  readonly longest: number;
  readonly width: number;
  /** Loss from landing something bad, in units of one success. */
  readonly harm: number;
  /** Agent that every sequence begins with; null: any. */
  readonly first: string | null;
}

/** Cheapest first; each next one is dearer and worth more. `exact`: no sequence was left out of the search. */
export interface Front {
  readonly sequences: readonly Sequence[];
  readonly exact: boolean;
}

/** A sequence under construction: arms by index, and the share of each row that is still without a PASS. */
interface Branch {
  readonly arms: readonly number[];
  readonly left: Float64Array;
  readonly landed: number;
  readonly wrong: number;
  readonly cost: number;
  /** landed − harm · wrong */
  readonly worth: number;
}

/**
 * Pareto front over cost of all sequences without repetition: by length, each kept one grown by each arm that it has not.
 * While a length has no more than `width` sequences none is dropped, and the front is exact; beyond that the best layers
 * of the front are kept (a beam), so that time is bounded by longest · width · arms · rows. What every step refuses is
 * not landed, and is worth nothing. Ties go to the sequence found first, in the order of the arms.
 * @throws CASCADE_INPUT_INVALID for a `longest` or `width` below 1, and as `outlookFromTrials`
 */
export function frontOfSequences(outlook: Outlook, verifier: Verifier, reach: Reach): Front {
  checkOutlook(outlook);
  if (!(reach.longest >= 1 && reach.width >= 1 && reach.harm >= 0)) throw refuse('longest, width or harm is too small');
  const first = reach.first === null ? -1 : outlook.agents.indexOf(reach.first);
  if (reach.first !== null && first < 0) throw refuse(`of ${reach.first}, which is to begin, nothing is known`);
  const mayFollow = ({ arms }: Branch, arm: number): boolean =>
    arms.length === 0 && first >= 0 ? arm === first : !arms.includes(arm);
  let beam: readonly Branch[] = [
    { arms: [], left: Float64Array.from(outlook.weight), landed: 0, wrong: 0, cost: 0, worth: 0 },
  ];
  let found: readonly Branch[] = [];
  let exact = true;
  for (let length = 1; length <= Math.min(reach.longest, outlook.agents.length); length++) {
    const grown = beam.flatMap((branch) =>
      outlook.agents.flatMap((_, arm) => (mayFollow(branch, arm) ? [grow(branch, arm, outlook, verifier, reach)] : [])),
    );
    const isLast = length === Math.min(reach.longest, outlook.agents.length);
    exact &&= isLast || grown.length <= reach.width;
    found = topLayer([...found, ...grown]).layer;
    if (!isLast) beam = keepBest(grown, reach.width).map((branch) => settle(branch, outlook, verifier));
  }
  return { sequences: found.map((branch) => name(branch, outlook)), exact };
}

/** One more arm at the end. `left` still is that of the branch before: only what is kept pays for a copy (`settle`). */
function grow(branch: Branch, arm: number, outlook: Outlook, verifier: Verifier, { harm }: Reach): Branch {
  const success = outlook.success[arm] ?? [];
  const cost = outlook.cost[arm] ?? [];
  let good = 0;
  let reached = 0;
  let spent = 0;
  for (let row = 0; row < branch.left.length; row++) {
    const share = branch.left[row] ?? 0;
    good += share * (success[row] ?? 0);
    reached += share;
    spent += share * (cost[row] ?? 0);
  }
  const landed = branch.landed + good * (1 - verifier.false_reject);
  const wrong = branch.wrong + (reached - good) * verifier.false_accept;
  const total = branch.cost + spent;
  return { arms: [...branch.arms, arm], left: branch.left, landed, wrong, cost: total, worth: landed - harm * wrong };
}

function settle(branch: Branch, outlook: Outlook, verifier: Verifier): Branch {
  const success = outlook.success[branch.arms.at(-1) ?? 0] ?? [];
  const refusedIfGood = verifier.false_reject;
  const refusedIfBad = 1 - verifier.false_accept;
  const left = branch.left.map((share, row) => {
    const solved = success[row] ?? 0;
    return share * (solved * refusedIfGood + (1 - solved) * refusedIfBad);
  });
  return { ...branch, left };
}

/** Front after front is taken until `width` is reached; of the last one as many as fit, spread over its costs. */
function keepBest(branches: readonly Branch[], width: number): readonly Branch[] {
  const kept: Branch[] = [];
  let rest = branches;
  while (kept.length < width && rest.length > 0) {
    const { layer, below } = topLayer(rest);
    const room = width - kept.length;
    const step = Math.max(1, layer.length / room);
    for (let at = 0; at < Math.min(room, layer.length); at++) kept.push(...layer.slice(...pickAt(at, step)));
    rest = below;
  }
  return kept;
}

function pickAt(at: number, step: number): [number, number] {
  const index = Math.floor(at * step);
  return [index, index + 1];
}

/** Those that none other beats in cost and worth, cheapest first; and the others. */
function topLayer(branches: readonly Branch[]): { layer: Branch[]; below: Branch[] } {
  const layer: Branch[] = [];
  const below: Branch[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const branch of branches.toSorted((a, b) => a.cost - b.cost || b.worth - a.worth)) {
    (branch.worth > best ? layer : below).push(branch);
    best = Math.max(best, branch.worth);
  }
  return { layer, below };
}

function name({ arms, landed, wrong, cost }: Branch, outlook: Outlook): Sequence {
  return { steps: arms.map((arm) => outlook.agents[arm] ?? ''), landed, wrong, cost };
}
