import { describe, expect, it } from 'vitest';
import { Fault } from '../../core/fault.js';
import { isConnectionLoss, toLossFault, toStoreFault } from './store-fault.js';
import { cutText, tidyText } from './tidy-text.js';

const error = (code: string, message = 'said'): Error => Object.assign(new Error(message), { code });

describe('faults of the store', () => {
  it.each([
    ['53100', 'DISK_FULL'],
    ['ENOSPC', 'DISK_FULL'],
    ['57P01', 'STORE_UNAVAILABLE'],
    ['57P03', 'STORE_UNAVAILABLE'],
    ['08006', 'STORE_UNAVAILABLE'],
    ['53300', 'STORE_UNAVAILABLE'],
    ['ECONNREFUSED', 'STORE_UNAVAILABLE'],
    ['ENOENT', 'STORE_UNAVAILABLE'],
    ['42P01', 'STORE_FAILED'],
    ['42501', 'STORE_FAILED'],
    ['22P02', 'STORE_FAILED'],
  ])('names what %s means', (code, name) => {
    const cause = error(code);
    expect(toStoreFault(cause)).toMatchObject({ code: name, cause });
    expect(isConnectionLoss(cause)).toBe(name === 'STORE_UNAVAILABLE');
  });

  it('leaves a fault what it is, and never waits for one', () => {
    const fault = new Fault('TASK_UNKNOWN', 'no', { mend: 'yes' });
    expect(toStoreFault(fault)).toBe(fault);
    expect(isConnectionLoss(fault)).toBe(false);
  });

  it('tells a full disk from a server that is merely gone', () => {
    expect(toLossFault(new Error('No space left on device'))).toMatchObject({ code: 'DISK_FULL' });
    expect(toLossFault(new Fault('DATABASE_FAILED', 'stopped', { mend: 'start it' }))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      mend: 'start it',
    });
  });
});

describe('texts for columns', () => {
  it('lose what PostgreSQL does not take, and nothing else', () => {
    expect(tidyText('a\0b')).toBe('a\uFFFDb');
    expect(tidyText('\ud83d\ude00 \ud83d \ude00')).toBe('\ud83d\ude00 \uFFFD \uFFFD');
    expect(tidyText('日本\u2028')).toBe('日本\u2028');
  });

  it('are cut with a word about it, also in the middle of a pair', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('ab\ud83d\ude00', 3)).toBe('ab\uFFFD … (1 characters more)');
  });
});
