import { describe, expect, it } from 'vitest';
import { agentOfSession, sessionSchema } from './session.js';

const outcome = (agent: string, reward: number | null, atMs = 1) => ({ agent, reward, atMs });
const after = (...outcomes: ReturnType<typeof outcome>[]) => ({ decision: { chosen: 'first' }, outcomes });

describe('the agent of a session', () => {
  it.each([
    ['nobody before its first task', null, null],
    ['the chosen one while nothing has come of it', after(), 'first'],
    [
      'the chosen one where nothing is learned, as of a task that was cancelled',
      after(outcome('first', null)),
      'first',
    ],
    [
      'whoever passed, the chosen one or a later one of its plan',
      after(outcome('first', 0), outcome('next', 1)),
      'next',
    ],
    ['the latest of several that were good for something', after(outcome('a', 1, 5), outcome('b', 0.4, 7)), 'b'],
    ['nobody where all were refused', after(outcome('first', 0), outcome('next', 0)), null],
  ])('is %s', (_, last, agent) => {
    expect(agentOfSession(last)).toBe(agent);
  });

  it('goes by a name that can be typed', () => {
    expect(
      ['TICKET-12', 'a', 'org/repo#7', 'x'.repeat(100)].every((name) => sessionSchema.safeParse(name).success),
    ).toBe(true);
    expect(['', ' a', 'a b', '-a', 'a\n', 'x'.repeat(101)].some((name) => sessionSchema.safeParse(name).success)).toBe(
      false,
    );
  });
});
