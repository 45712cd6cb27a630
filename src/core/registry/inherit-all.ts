import type { AgentHistory } from './history.js';
import { type Inherited, inherit, summarise } from './performance.js';
import { noHistory } from './history.js';

/** How a version fared on one surface at one complexity. */
export interface KnownHistory {
  readonly surface: string;
  readonly complexity: string;
  readonly history: AgentHistory;
}

/** What the next version starts from, by `surface/complexity`: all that this one learned or had inherited, discounted. */
export function inheritAll(
  histories: readonly KnownHistory[],
  before: Readonly<Record<string, Inherited>>,
  discount: number,
): Record<string, Inherited> {
  const kinds = new Map(histories.map((one) => [kindOf(one), one]));
  for (const kind of Object.keys(before)) {
    const [surface = '', complexity = ''] = kind.split('/');
    if (!kinds.has(kind)) kinds.set(kind, { surface, complexity, history: noHistory });
  }
  const inherited: Record<string, Inherited> = {};
  for (const [kind, { surface, complexity, history }] of kinds) {
    const taken = before[kind] ?? null;
    const next = inherit(summarise({ surface, complexity }, history, taken), history, taken, discount);
    if (next !== null) inherited[kind] = next;
  }
  return inherited;
}

/** `surface/complexity`: the kind of task that a history is of. */
export function kindOf({ surface, complexity }: { readonly surface: string; readonly complexity: string }): string {
  return `${surface}/${complexity}`;
}
