import { favourBest, normalise } from './favour.js';

/**
 * A distribution on an interval, at evenly spaced points. `table` holds three numbers a point: the probability below it, and
 * the two coefficients of the parabola that leads to the next (the density there is linear).
 */
export interface Curve {
  readonly low: number;
  readonly high: number;
  readonly table: Float64Array;
}

const points = 49;
const cells = 64;
// Overwritten from start to end by each curve that is made.
const density = new Float64Array(points);

/** A table for a curve, to be filled. */
export function emptyTable(): Float64Array {
  return new Float64Array(3 * points);
}

/**
 * A curve from a density on an interval, which need not be normalised, in steps of about a fifth of a deviation. The
 * table is overwritten, and is the curve's from then on.
 */
export function curveOf(low: number, high: number, heightAt: (x: number) => number, table = emptyTable()): Curve {
  const step = (high - low) / (points - 1);
  for (let at = 0; at < points; at += 1) density[at] = heightAt(low + at * step);
  table[0] = 0;
  for (let at = 1; at < points; at += 1) table[3 * at] = (table[3 * at - 3] as number) + massBefore(at);
  const total = table[3 * (points - 1)] as number;
  for (let at = 1; at < points; at += 1) {
    const before = table[3 * at - 3] as number;
    const below = (table[3 * at] as number) / total;
    const left = density[at - 1] as number;
    const right = density[at] as number;
    const scale = left + right === 0 ? 0 : (below - before) / (left + right);
    table[3 * at] = below;
    table[3 * at - 2] = 2 * left * scale;
    table[3 * at - 1] = (right - left) * scale;
  }
  return { low, high, table };
}

/** Mass between a point and the one before: of the cubic through them and their neighbours; at the ends, a trapezoid. */
function massBefore(at: number): number {
  const inner = (density[at - 1] as number) + (density[at] as number);
  if (at === 1 || at === points - 1) return inner / 2;
  const cubic = (13 * inner - (density[at - 2] as number) - (density[at + 1] as number)) / 24;
  return cubic > 0 ? cubic : inner / 2;
}

/**
 * For each arm the probability that its draw is the greatest of all, where arm i draws from its curve, less its toll:
 * ∫ fᵢ(u + tollᵢ) · Π_{j≠i} Fⱼ(u + tollⱼ) du, over 64 cells of the interval in which the greatest must lie. No sampling:
 * the same curves give the same bytes. Within 1e-3 of the closed forms; sums to 1.
 */
export function probabilitiesOfBest(curves: readonly Curve[], tolls: readonly number[]): number[] {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < curves.length; at += 1) {
    const curve = curves[at] as Curve;
    const toll = tolls[at] ?? 0;
    low = Math.max(low, curve.low - toll);
    high = Math.max(high, curve.high - toll);
  }
  // an interval too narrow for a floating-point number to divide: then the greatest is the greatest
  if (!(low + (high - low) / cells > low)) return favourBest(curves.map((curve, at) => curve.high - (tolls[at] ?? 0)));
  return normalise(integrate(curves, tolls, { low, step: (high - low) / cells }));
}

/** Where the cells lie. */
interface Grid {
  readonly low: number;
  readonly step: number;
}

/** Of each cell, the probability that all arms lie below its middle; of each arm and cell, that it does, and that it lies within. */
interface Scratch {
  readonly all: Float64Array;
  readonly middle: Float64Array;
  readonly within: Float64Array;
}

const scratchFor = (arms: number): Scratch => ({
  all: new Float64Array(cells),
  middle: new Float64Array(arms * cells),
  within: new Float64Array(arms * cells),
});
// As many arms as a decision weighs. Whatever is read of it was written by the same integral: to allocate it anew takes as
// long as to fill it.
const usualArms = 32;
const usualScratch = scratchFor(usualArms);

/**
 * The integral, not normalised. Arm by arm and not cell by cell, so that an arm costs only the cells that it reaches into.
 * Where all lie lower with a probability below a millionth, the rest is left out.
 */
function integrate(curves: readonly Curve[], tolls: readonly number[], grid: Grid): number[] {
  const scratch = curves.length > usualArms ? scratchFor(curves.length) : usualScratch;
  scratch.all.fill(1);
  const tops: number[] = [];
  let lowest = 0;
  for (let at = 0; at < curves.length; at += 1) {
    const curve = curves[at] as Curve;
    const top = topCell(curve.high, tolls[at] ?? 0, grid);
    tops.push(top);
    lowest = fillCells(curve, tolls[at] ?? 0, grid, { from: at * cells, top, lowest }, scratch);
  }
  return tops.map((top, at) => sumCells({ from: at * cells, top, lowest }, scratch));
}

/** The cells of one arm: where its own begin in the scratch, the highest that it reaches into, the lowest that counts. */
interface Span {
  readonly from: number;
  readonly top: number;
  readonly lowest: number;
}

/** The highest cell that an arm reaches into; −1: none. */
function topCell(high: number, toll: number, { low, step }: Grid): number {
  let cell = cells - 1;
  while (cell >= 0 && low + cell * step + toll >= high) cell -= 1;
  return cell;
}

/** Fills an arm's cells from the top down; returns the lowest that counts, which may be higher now. */
function fillCells(curve: Curve, toll: number, { low, step }: Grid, span: Span, scratch: Scratch): number {
  const { low: bottom, high, table } = curve;
  const { from, top, lowest } = span;
  const { all, middle, within } = scratch;
  const width = high - bottom;
  let above = 1;
  for (let cell = top; cell >= lowest; cell -= 1) {
    const x = low + cell * step + toll;
    const lower = x > bottom ? readTable(table, ((x - bottom) / width) * (points - 1)) : 0;
    const between = (above + lower) / 2;
    middle[from + cell] = between;
    // middle = (upper + lower) / 2, so that upper − lower = 2 · (middle − lower)
    within[from + cell] = 2 * (between - lower);
    const below = (all[cell] as number) * between;
    all[cell] = below;
    if (below < 1e-6) return cell;
    above = lower;
  }
  return lowest;
}

/** Probability below a place from 0 to the last point. */
function readTable(table: Float64Array, place: number): number {
  // as Math.floor does, for a third of the time: places are from 0 to the last point
  const point = place | 0;
  const part = place - point;
  const at = 3 * point;
  return (table[at] as number) + part * ((table[at + 1] as number) + part * (table[at + 2] as number));
}

function sumCells({ from, top, lowest }: Span, { all, middle, within }: Scratch): number {
  let sum = 0;
  for (let cell = top; cell >= lowest; cell -= 1) {
    const mass = within[from + cell] as number;
    if (mass > 0) sum += (mass * (all[cell] as number)) / (middle[from + cell] as number);
  }
  return sum;
}
