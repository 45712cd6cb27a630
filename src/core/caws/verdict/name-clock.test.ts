import { describe, expect, it } from 'vitest';
import { nameClock } from './name-clock.js';

const at = (text: string): number => Date.parse(text);
const entered = [at('2026-03-01T10:00:00.000Z'), at('2026-03-01T11:00:00.000Z')];

describe('a verdict’s clock', () => {
  it('that lies before what was in its log already is named, with the entry', () => {
    const said = nameClock({ wall: '2026-03-01T10:54:59.999Z', log_size_before: 2 }, entered);
    expect(said).toContain('entry 1');
    expect(said).toContain('2026-03-01T11:00:00.000Z');
  });

  it.each([
    ['five minutes behind', { wall: '2026-03-01T10:55:00.000Z', log_size_before: 2 }],
    ['behind an entry that came later', { wall: '2026-03-01T10:00:00.000Z', log_size_before: 1 }],
    ['far ahead, which a later entry will show', { wall: '2036-03-01T10:00:00.000Z', log_size_before: 2 }],
    ['first in its log', { wall: '2020-03-01T10:00:00.000Z', log_size_before: 0 }],
    ['of a verdict outside of a log', { wall: '2020-03-01T10:00:00.000Z', log_size_before: null }],
    ['of a verdict of the first version', { wall: '2020-03-01T10:00:00.000Z' }],
    ['beyond the log at hand', { wall: '2020-03-01T10:00:00.000Z', log_size_before: 9 }],
  ])('%s is not', (_, clock) => {
    expect(nameClock(clock, entered)).toBeNull();
  });
});
