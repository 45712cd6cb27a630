import type { Belief } from './policy.js';
import { type Prior, beliefOf, costByComplexity } from './prior.js';
import { isAmount, refuseInput } from './routing-fault.js';
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
  readonly means: ReadonlyMap<Surface, ReadonlyMap<Complexity, number>>;
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
  const all = emptySum();
  const kinds = new Map<Surface, Map<Complexity, Sum>>();
  const byRepository: (readonly Group[])[] = [];
  const bySurface: (readonly Group[])[] = [];
  const byComplexity: (readonly Group[])[] = [];
  for (const cells of histories) {
    for (const cell of cells) {
      checkCell(cell);
      add(all, cell);
      const ofSurface = take(kinds, cell.surface, () => new Map<Complexity, Sum>());
      add(take(ofSurface, cell.complexity, emptySum), cell);
    }
    byRepository.push(groupsOf(cells, (cell) => cell.repository ?? ''));
    bySurface.push(groupsOf(cells, (cell) => cell.surface));
    byComplexity.push(groupsOf(cells, (cell) => cell.complexity));
  }
  const overall = (all.successes + 1) / (all.outcomes + 2);
  const shrunk = ({ outcomes, successes }: Sum): number => (successes + borrowed * overall) / (outcomes + borrowed);
  const means = new Map(
    [...kinds].map(([surface, sums]) => [surface, new Map([...sums].map(([name, sum]) => [name, shrunk(sum)]))]),
  );
  const fit = (families: readonly (readonly Group[])[], usual = usualStrength): number =>
    fitStrength(families) ?? usual;
  return {
    means,
    overall,
    strengths: {
      repository: fit(byRepository),
      surface: fit(bySurface),
      // Rates, not lifts: where complexities differ in how hard they are, less is carried over, never more.
      complexity: Math.min(usualStrength, fit(byComplexity, usualComplexityStrength)),
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
  const cells = inherited.length === 0 ? own : [...own, ...inherited];
  for (const cell of cells) checkCell(cell);
  const { lift, evidence } = carryOver(pool, { own, inherited, cells }, prior, kind);
  return {
    prior: beliefOf(meanOf(pool, kind), lift, Math.min(mostEvidence, evidence)),
    costMicroUsd: expect(cells, kind, prior.costMicroUsd, 'costMicroUsd'),
    latencyMs: expect(cells, kind, prior.latencyMs, 'latencyMs') ?? prior.latencyMs,
  };
}

interface Histories {
  readonly own: readonly Cell[];
  readonly inherited: readonly Cell[];
  /** Both. */
  readonly cells: readonly Cell[];
}

function carryOver(
  pool: Pool,
  { own, inherited, cells }: Histories,
  prior: Prior,
  kind: TaskKind,
): Pick<Prior, 'lift' | 'evidence'> {
  const isHeir = inherited.some((cell) => isOfKind(cell, kind));
  const sums: Level = { pool, kind, farthest: shareOfOtherComplexities(pool, cells, kind), outcomes: 0, gained: 0 };
  let { lift, evidence } = prior;
  for (let level = elsewhere; level <= (isHeir ? sameKind : sameSurface); level += 1) {
    sums.outcomes = 0;
    sums.gained = 0;
    // what it did itself at this very kind is the policy's to remember
    if (level < sameKind) addLevel(sums, own, level);
    addLevel(sums, inherited, level);
    const { outcomes, gained } = sums;
    const before = Math.min(evidence, mostCarried(pool, level));
    if (outcomes > 0) lift = (before * lift + gained) / (before + outcomes);
    evidence = before + outcomes;
  }
  return { lift, evidence };
}

interface Level {
  readonly pool: Pool;
  readonly kind: TaskKind;
  /** All outcomes of other complexities, and as how many they count. */
  readonly farthest: { readonly outcomes: number; readonly counted: number };
  outcomes: number;
  gained: number;
}

// A loop over cells and not filters and sums: a field is laid over all arms, and its time is this function's.
function addLevel(sums: Level, cells: readonly Cell[], level: number): void {
  const { pool, kind, farthest } = sums;
  for (const cell of cells) {
    if (nearnessOf(cell, kind) !== level) continue;
    const isFar = cell.complexity !== kind.complexity && farthest.outcomes > farthest.counted;
    const outcomes = isFar ? (cell.outcomes * farthest.counted) / farthest.outcomes : cell.outcomes;
    sums.outcomes += outcomes;
    sums.gained += outcomes * (cell.success - meanOf(pool, cell));
  }
}

/** Outcomes of other complexities than this count as so many in all; those of this one as they are. */
function shareOfOtherComplexities({ strengths }: Pool, cells: readonly Cell[], kind: TaskKind): Level['farthest'] {
  let outcomes = 0;
  for (const cell of cells) if (cell.complexity !== kind.complexity) outcomes += cell.outcomes;
  return { outcomes, counted: strengths.complexity };
}

const elsewhere = 0;
const sameRepository = 1;
const sameSurface = 2;
const sameKind = 3;

/** How near what an arm did is to what is asked about. */
function nearnessOf(cell: Cell, kind: TaskKind): number {
  if (isOfKind(cell, kind)) return sameKind;
  if (cell.surface === kind.surface) return sameSurface;
  return kind.repository !== null && cell.repository === kind.repository ? sameRepository : elsewhere;
}

function mostCarried({ strengths }: Pool, level: number): number {
  if (level === elsewhere) return Number.POSITIVE_INFINITY;
  return level === sameRepository ? strengths.repository : strengths.surface;
}

/** Whether both belong to the same memory (`scopeOf`). */
function isOfKind(cell: Cell, { surface, complexity, repository }: TaskKind): boolean {
  return cell.complexity === complexity && cell.surface === surface && (cell.repository ?? '') === (repository ?? '');
}

/** Own outcomes of this kind, shrunk to the arm's others (at this complexity's usual ratio), shrunk to the prior. */
function expect(
  cells: readonly Cell[],
  kind: TaskKind,
  prior: number | null,
  what: 'costMicroUsd' | 'latencyMs',
): number | null {
  const usual = costByComplexity[kind.complexity];
  let expected = prior === null ? null : prior / (costByComplexity.standard / usual);
  for (const own of [false, true]) {
    let outcomes = 0;
    let total = 0;
    for (const cell of cells) {
      if (isOfKind(cell, kind) !== own) continue;
      outcomes += cell.outcomes;
      total += (cell.outcomes * cell[what]) / (costByComplexity[cell.complexity] / usual);
    }
    if (outcomes === 0) continue;
    expected = expected === null ? total / outcomes : (total + costBorrowed * expected) / (outcomes + costBorrowed);
  }
  return expected;
}

function meanOf(pool: Pool, { surface, complexity }: Pick<Cell, 'surface' | 'complexity'>): number {
  return pool.means.get(surface)?.get(complexity) ?? pool.overall;
}

type Sum = { -readonly [Key in keyof Group]: Group[Key] };

const emptySum = (): Sum => ({ outcomes: 0, successes: 0 });

function add(sum: Sum, { outcomes, success }: Cell): void {
  sum.outcomes += outcomes;
  sum.successes += outcomes * success;
}

function take<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function groupsOf(cells: readonly Cell[], part: (cell: Cell) => string): readonly Group[] {
  const groups = new Map<string, Sum>();
  for (const cell of cells) add(take(groups, part(cell), emptySum), cell);
  return [...groups.values()];
}

function checkCell(cell: Cell): void {
  const { outcomes, success, costMicroUsd, latencyMs } = cell;
  if (isAmount(outcomes) && isAmount(costMicroUsd) && isAmount(latencyMs) && success >= 0 && success <= 1) return;
  for (const [name, value] of Object.entries({ outcomes, cost: costMicroUsd, latency: latencyMs })) {
    if (isAmount(value)) continue;
    throw refuseInput(`the ${name} of ${scopeOf(cell)} is ${value}`, 'histories hold finite amounts, none negative');
  }
  throw refuseInput(`the success of ${scopeOf(cell)} is ${success}`, 'a share is a number from 0 to 1');
}
