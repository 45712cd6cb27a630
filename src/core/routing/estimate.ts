import type { Belief } from './policy.js';
import { type Prior, beliefOf, costByComplexity } from './prior.js';
import { refuseInput } from './routing-fault.js';
import { type Group, fitStrength } from './strength.js';
import type { Complexity, Surface } from './surface.js';

/** How an arm fared on one kind of task. `repository` null: it is not known on which. */
export interface Cell {
  readonly surface: Surface;
  readonly complexity: Complexity;
  readonly repository: string | null;
  /** How many outcomes this rests on; fractions where they were inherited at a discount. */
  readonly outcomes: number;
  readonly success: number;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
}

/** The kind of task that is asked about. */
export type TaskKind = Pick<Cell, 'surface' | 'complexity' | 'repository'>;

/**
 * What is expected of an arm at a kind of task. `prior` leaves out the cell of this very kind, which the policy's own
 * memory holds; cost and time take it in, since no policy learns them.
 */
export interface Estimate {
  readonly prior: Belief;
  readonly costMicroUsd: number | null;
  readonly latencyMs: number;
}

/** What all arms together say: mean success by surface and complexity, and how far arms differ from place to place. */
export interface Pool {
  readonly means: ReadonlyMap<string, number>;
  readonly overall: number;
  /**
   * In outcomes: how much of what is known of an arm elsewhere counts in another repository, on another surface, at another
   * complexity.
   */
  readonly strengths: { readonly repository: number; readonly surface: number; readonly complexity: number };
}

// Without data: as much as the least history that can be told from luck.
const usualStrength = 20;
// Without data: as much as a price says. How an arm fares at easy tasks says little of hard ones.
const usualComplexityStrength = 4;
// A kind of task with few outcomes borrows this many from all the others.
const borrowed = 10;
// The policy's own outcomes shall outweigh whatever came from elsewhere before long.
const mostEvidence = 50;
// How many outcomes the expected cost of elsewhere is worth against the measured one.
const costBorrowed = 5;

/** Which memory of a policy an outcome of such a task belongs to. */
export function scopeOf({ surface, complexity, repository }: TaskKind): string {
  return `${surface}/${complexity}/${repository ?? ''}`;
}

/** Reads the pool off the histories of all arms. @throws ROUTING_INPUT_INVALID */
export function createPool(histories: Iterable<readonly Cell[]>): Pool {
  const arms = [...histories];
  for (const cell of arms.flat()) checkCell(cell);
  const all = sum(arms.flat());
  const overall = (all.successes + 1) / (all.outcomes + 2);
  const kinds = groupBy(arms.flat(), kindOf);
  const means = new Map(
    [...kinds].map(([kind, cells]) => {
      const { outcomes, successes } = sum(cells);
      return [kind, (successes + borrowed * overall) / (outcomes + borrowed)] as const;
    }),
  );
  const fit = (part: (cell: Cell) => string, usual = usualStrength): number =>
    fitStrength(arms.map((cells) => [...groupBy(cells, part).values()].map(sum))) ?? usual;
  return {
    means,
    overall,
    strengths: {
      repository: fit((cell) => cell.repository ?? ''),
      surface: fit((cell) => cell.surface),
      // Rates, not lifts: where complexities differ in how hard they are, less is carried over, never more.
      complexity: Math.min(
        usualStrength,
        fit((cell) => cell.complexity, usualComplexityStrength),
      ),
    },
  };
}

/**
 * Expected success, cost and time of an arm, by empirical Bayes: its lift over the mean of such tasks, begun at the prior,
 * moved by what it did elsewhere, then in this repository, then on this surface. Each step counts what came before as at
 * most as many outcomes as arms are found to be alike between such places. A lift is over the mean of the same
 * complexity, and all outcomes of other complexities together count as few as arms are alike between those, so that easy
 * tasks make no one good, and no one certain. `inherited`: what versions that it started from did, discounted; at this
 * very kind as well, which the policy's memory of it does not hold. @throws ROUTING_INPUT_INVALID
 */
export function estimateArm(
  pool: Pool,
  own: readonly Cell[],
  prior: Prior,
  kind: TaskKind,
  inherited: readonly Cell[] = [],
): Estimate {
  const cells = [...own, ...inherited];
  for (const cell of cells) checkCell(cell);
  const { repository, surface, complexity } = pool.strengths;
  const elsewhere = [...own.filter((cell) => scopeOf(cell) !== scopeOf(kind)), ...inherited];
  const others = weighComplexities(elsewhere, kind.complexity, complexity);
  const nearness = (cell: Cell): number => {
    if (scopeOf(cell) === scopeOf(kind)) return 3;
    return cell.surface === kind.surface ? 2 : kind.repository !== null && cell.repository === kind.repository ? 1 : 0;
  };
  const isHeir = inherited.some((cell) => scopeOf(cell) === scopeOf(kind));
  const levels = [Number.POSITIVE_INFINITY, repository, surface, ...(isHeir ? [surface] : [])];
  let lift = prior.lift;
  let evidence = prior.evidence;
  for (const [level, strength] of levels.entries()) {
    const here = others.filter((cell) => nearness(cell) === level);
    const before = Math.min(evidence, strength);
    const outcomes = here.reduce((total, cell) => total + cell.outcomes, 0);
    const gained = here.reduce((total, cell) => total + cell.outcomes * (cell.success - meanOf(pool, cell)), 0);
    if (outcomes > 0) lift = (before * lift + gained) / (before + outcomes);
    evidence = before + outcomes;
  }
  return {
    prior: beliefOf(meanOf(pool, kind), lift, Math.min(mostEvidence, evidence)),
    costMicroUsd: expect(cells, kind, prior.costMicroUsd, (cell) => cell.costMicroUsd),
    latencyMs: expect(cells, kind, prior.latencyMs, (cell) => cell.latencyMs) ?? prior.latencyMs,
  };
}

/** Cells of other complexities shrunk to so many outcomes in all; those of this one as they are. */
function weighComplexities(cells: readonly Cell[], complexity: Complexity, strength: number): readonly Cell[] {
  const far = cells.reduce((total, cell) => total + (cell.complexity === complexity ? 0 : cell.outcomes), 0);
  if (far <= strength) return cells;
  return cells.map((cell) =>
    cell.complexity === complexity ? cell : { ...cell, outcomes: (cell.outcomes * strength) / far },
  );
}

/** Own outcomes of this kind, shrunk to the arm's others (at this complexity's usual ratio), shrunk to the prior. */
function expect(
  cells: readonly Cell[],
  kind: TaskKind,
  prior: number | null,
  valueOf: (cell: Cell) => number,
): number | null {
  const ratio = (complexity: Complexity): number => costByComplexity[complexity] / costByComplexity[kind.complexity];
  let expected = prior === null ? null : prior / ratio('standard');
  for (const own of [false, true]) {
    const here = cells.filter((cell) => (scopeOf(cell) === scopeOf(kind)) === own && cell.outcomes > 0);
    const outcomes = here.reduce((total, cell) => total + cell.outcomes, 0);
    if (outcomes === 0) continue;
    const total = here.reduce((sofar, cell) => sofar + (cell.outcomes * valueOf(cell)) / ratio(cell.complexity), 0);
    expected = expected === null ? total / outcomes : (total + costBorrowed * expected) / (outcomes + costBorrowed);
  }
  return expected;
}

function kindOf({ surface, complexity }: Pick<Cell, 'surface' | 'complexity'>): string {
  return `${surface}/${complexity}`;
}

function meanOf(pool: Pool, kind: Pick<Cell, 'surface' | 'complexity'>): number {
  return pool.means.get(kindOf(kind)) ?? pool.overall;
}

function groupBy(cells: readonly Cell[], part: (cell: Cell) => string): ReadonlyMap<string, Cell[]> {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const group = groups.get(part(cell));
    if (group === undefined) groups.set(part(cell), [cell]);
    else group.push(cell);
  }
  return groups;
}

function sum(cells: readonly Cell[]): Group {
  return {
    outcomes: cells.reduce((total, cell) => total + cell.outcomes, 0),
    successes: cells.reduce((total, cell) => total + cell.outcomes * cell.success, 0),
  };
}

function checkCell(cell: Cell): void {
  const { outcomes, success, costMicroUsd, latencyMs } = cell;
  const amounts = { outcomes, cost: costMicroUsd, latency: latencyMs };
  for (const [name, value] of Object.entries(amounts)) {
    if (value >= 0 && value < Number.POSITIVE_INFINITY) continue;
    throw refuseInput(`the ${name} of ${scopeOf(cell)} is ${value}`, 'histories hold finite amounts, none negative');
  }
  if (!(success >= 0 && success <= 1)) {
    throw refuseInput(`the success of ${scopeOf(cell)} is ${success}`, 'a share is a number from 0 to 1');
  }
}
