import { setImmediate as endOfTurn } from 'node:timers/promises';

export interface Gathering<Item, Answer> {
  /** Does what was asked for of all items together, and answers each in its place. */
  readonly perform: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Answer>[]>;
  /** Whether an item may go with those that are taken already; the first always goes. */
  readonly fits: (taken: readonly Item[], next: Item) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Group commit: what is asked for while the last is under way goes together, in one round trip and one transaction. What
 * finds the way free goes at the end of this turn of the loop, so that an idle store is as quick as ever.
 */
export function gather<Item, Answer>({ perform, fits }: Gathering<Item, Answer>): (item: Item) => Promise<Answer> {
  let waiting: Waiting<Item, Answer>[] = [];
  let isBusy = false;
  const take = (): readonly Waiting<Item, Answer>[] => {
    const taken: Waiting<Item, Answer>[] = [];
    const items: Item[] = [];
    const left: Waiting<Item, Answer>[] = [];
    for (const one of waiting) {
      if (taken.length > 0 && !fits(items, one.item)) {
        left.push(one);
        continue;
      }
      taken.push(one);
      items.push(one.item);
    }
    waiting = left;
    return taken;
  };
  const performAll = async (): Promise<void> => {
    isBusy = true;
    while (waiting.length > 0) {
      // What one answer of the database sets going comes in one turn of the loop: it goes on together.
      await endOfTurn();
      await performFor(take(), perform);
    }
    isBusy = false;
  };
  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      if (!isBusy) void performAll();
    });
}

async function performFor<Item, Answer>(
  taken: readonly Waiting<Item, Answer>[],
  perform: Gathering<Item, Answer>['perform'],
): Promise<void> {
  try {
    const answers = await perform(taken.map(({ item }) => item));
    for (const [index, { done, failed }] of taken.entries()) {
      const answer = answers[index];
      if (answer?.status === 'fulfilled') done(answer.value);
      else failed(answer?.reason ?? new Error('nothing was answered'));
    }
  } catch (error) {
    for (const { failed } of taken) failed(error);
  }
}
