import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../digest.js';
import { maxEntryBytes, noPrev } from './entry.js';
import { anAppend, buildLog } from './fixtures/built-log.js';
import { judgeGrowth } from './judge-growth.js';
import { proveConsistency } from './proof.js';
import { type LogState, examineAppend, readEntry, sequence } from './sequence.js';
import { rootOf } from './tree.js';
import { frontierOf, readFrom, wantedNodes } from './wanted-nodes.js';

const steps = (from: number, count: number) => Array.from({ length: count }, (_, step) => anAppend(from + step));

const empty: LogState = {
  size: 0,
  prev: noPrev,
  read: () => {
    throw new Error('an empty log has no nodes');
  },
  known: new Map(),
  nowMs: 5,
};

describe('the sequencer', () => {
  property.prop([fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 })])(
    'gives the same log however requests come together, reading the frontier alone',
    (groups) => {
      const total = groups.reduce((sum, count) => sum + count, 0);
      const whole = buildLog(total);
      let at = 0;
      for (const count of groups) {
        const frontier = frontierOf(at);
        const hashes = frontier.map(({ level, index }) => whole.read(level, index));
        const last = whole.entries[at - 1];
        const state: LogState = {
          size: at,
          prev: last === undefined ? noPrev : Buffer.from(last.leaf).toString('hex'),
          read: readFrom(frontier, hashes, ({ level, index }) => new Error(`read ${level}/${index}`)),
          known: new Map(),
          nowMs: 0,
        };
        const made = sequence(state, [steps(at, count)]);
        expect(made.entries.map(({ leaf }) => leaf)).toEqual(
          whole.entries.slice(at, at + count).map(({ leaf }) => leaf),
        );
        for (const { level, index, hash } of made.nodes) expect(hash).toEqual(whole.read(level, index));
        at += count;
      }
    },
  );

  it('refuses a request whole when a key stands for other content, and no other with it', () => {
    const requests = [
      [anAppend(1), anAppend(2)],
      [anAppend(3), anAppend(1, 'other words')],
      [anAppend(4, 'one'), anAppend(4, 'two')],
      [anAppend(2), anAppend(5)],
    ];
    const { entries, answers } = sequence(empty, requests);
    expect(entries.map(({ key }) => key)).toEqual(['step/1', 'step/2', 'step/5']);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'LEDGER_CONFLICT' });
    }
    const [, , , last] = answers;
    expect(last?.status === 'fulfilled' ? last.value.map(({ index }) => index) : []).toEqual([1, 2]);
  });

  it('takes an entry of 65,535 bytes and none longer', () => {
    const room = maxEntryBytes - examineAppend(anAppend(1, ''));
    expect(examineAppend(anAppend(1, 'x'.repeat(room)))).toBe(maxEntryBytes);
    expect(() => examineAppend(anAppend(1, 'x'.repeat(room + 1)))).toThrow(
      expect.objectContaining({ code: 'LEDGER_ENTRY_TOO_LARGE' }),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['no entry', '{}'],
    ['another spelling', `{"kind":"note","apiVersion":"0.0.1","prev":"${noPrev}","spec":{}}`],
    ['a key twice', `{"apiVersion":"0.0.1","kind":"note","prev":"${noPrev}","spec":{"a":1,"a":2}}`],
    ['a float', `{"apiVersion":"0.0.1","kind":"note","prev":"${noPrev}","spec":{"a":1.5}}`],
  ])('does not read %s as an entry', (_, text) => {
    expect(() => readEntry({ index: 3, bytes: encodeUtf8(text) })).toThrow(
      expect.objectContaining({ code: 'LEDGER_CORRUPT' }),
    );
  });
});

describe('growth', () => {
  const { read } = buildLog(30);
  const state = (size: number, origin = 'a') => ({ origin, size, root: rootOf(size, read) });
  const proofOf = (before: number, size: number) => {
    const wanted = wantedNodes((one) => proveConsistency(before, size, one));
    const hashes = wanted.map(({ level, index }) => read(level, index));
    return proveConsistency(
      before,
      size,
      readFrom(wanted, hashes, () => new Error('missing')),
    );
  };

  property.prop([fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })])(
    'of a log is believed forward, and never backward',
    (one, other) => {
      const [before, size] = [Math.min(one, other), Math.max(one, other)];
      expect(judgeGrowth(state(before), state(size), proofOf(before, size))).toBeNull();
      if (before < size) expect(judgeGrowth(state(size), state(before), [])).toMatch(/cut|old/);
    },
  );

  it('into another history is not believed', () => {
    const other = { ...state(30), root: new Uint8Array(32) };
    expect(judgeGrowth(state(30), other, [])).toMatch(/second root at 30/);
    expect(judgeGrowth(state(12), other, proofOf(12, 30))).toMatch(/rewritten/);
    expect(judgeGrowth(state(12), state(30), [])).toMatch(/rewritten/);
    expect(judgeGrowth(state(12, 'b'), state(30), proofOf(12, 30))).toMatch(/of the log a/);
    expect(judgeGrowth(null, state(30), [])).toBeNull();
  });
});
