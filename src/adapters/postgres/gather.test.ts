import { describe, expect, it } from 'vitest';
import { gather } from './gather.js';

const limited = (most: number) => (taken: readonly unknown[]) => taken.length < most;

describe('gather', () => {
  it('performs what comes in one turn together, in its order, and answers each in its place', async () => {
    const performed: (readonly number[])[] = [];
    const ask = gather<number, string>({
      fits: limited(64),
      async perform(items) {
        performed.push(items);
        return items.map((item) => ({ status: 'fulfilled', value: `answer ${item}` }));
      },
    });
    expect(await Promise.all([1, 2, 3].map(ask))).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(performed).toEqual([[1, 2, 3]]);
  });

  it('leaves for the next turn what does not fit, and loses nothing', async () => {
    const performed: number[] = [];
    const ask = gather<number, number>({
      fits: (taken, next) => taken.length < 4 && !taken.includes(next),
      async perform(items) {
        expect(new Set(items).size).toBe(items.length);
        performed.push(items.length);
        return items.map((value) => ({ status: 'fulfilled', value }));
      },
    });
    const asked = [1, 1, 1, 2, 3, 4, 5, 6, 6];
    expect(await Promise.all(asked.map(ask))).toEqual(asked);
    expect(Math.max(...performed)).toBe(4);
    expect(performed.reduce((sum, count) => sum + count, 0)).toBe(asked.length);
  });

  it('fails the one that failed, all when all failed, and goes on afterwards', async () => {
    let isDown = false;
    const ask = gather<number, number>({
      fits: limited(64),
      async perform(items) {
        if (isDown) throw new Error('down');
        return items.map((value) =>
          value < 0 ? { status: 'rejected', reason: new Error('negative') } : { status: 'fulfilled', value },
        );
      },
    });
    const said = await Promise.allSettled([ask(1), ask(-1), ask(2)]);
    expect(said.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    isDown = true;
    await expect(ask(1)).rejects.toThrow('down');
    isDown = false;
    expect(await ask(3)).toBe(3);
  });

  it('does not leave anybody waiting when an answer is missing', async () => {
    const ask = gather<number, number>({ fits: () => true, perform: async () => [] });
    await expect(ask(1)).rejects.toThrow('nothing was answered');
  });
});
