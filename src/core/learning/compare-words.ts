/** What was learned of one agent's work under one decision, as far as it can be compared. */
export interface Learned {
  readonly reward: number;
  readonly passed: boolean;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
}

/** By `decision/agent`; null where nothing was to be learned. */
export type LearnedWords = ReadonlyMap<string, Learned | null>;

/** A word on which the three are not of one mind. */
export interface Difference {
  readonly decisionId: string;
  readonly agent: string;
  readonly tracker: Learned | null;
  readonly router: Learned | null;
  readonly registry: Learned | null;
}

/**
 * Where the data points, the router and the registry say different things, in the order of decisions. What only the
 * registry knows was imported from elsewhere, and is left out. Total; the same maps in any order give the same.
 */
export function compareWords(tracker: LearnedWords, router: LearnedWords, registry: LearnedWords): Difference[] {
  const keys = [...new Set([...tracker.keys(), ...router.keys()])].toSorted();
  return keys.flatMap((key) => {
    const [a, b, c] = [tracker, router, registry].map((words) => words.get(key) ?? null);
    if (isSame(a, b) && isSame(a, c)) return [];
    const at = key.indexOf('/');
    const names = { decisionId: key.slice(0, at), agent: key.slice(at + 1) };
    return [{ ...names, tracker: a ?? null, router: b ?? null, registry: c ?? null }];
  });
}

/** Rewards are compared in millionths, which is what sums are kept in. */
function isSame(a: Learned | null | undefined, b: Learned | null | undefined): boolean {
  const text = (one: Learned | null | undefined): string =>
    one === null || one === undefined
      ? ''
      : [Math.round(one.reward * 1_000_000), one.passed, one.costMicroUsd, one.latencyMs].join(' ');
  return text(a) === text(b);
}
