import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from './time.js';

describe('instants', () => {
  property.prop([fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(9999, 11, 31) })])('go there and back', (ms) => {
    expect(parseInstant(formatInstant(ms))).toBe(ms);
  });

  it.each([
    ['2026-11-20T09:00:00Z', Date.UTC(2026, 10, 20, 9)],
    ['2026-11-20T09:00:00.5Z', Date.UTC(2026, 10, 20, 9, 0, 0, 500)],
    ['2026-11-20T09:00:00+02:00', Date.UTC(2026, 10, 20, 7)],
    ['2026-11-20T09:00:00-00:30', Date.UTC(2026, 10, 20, 9, 30)],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59)],
  ])('%s', (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
  });

  it.each([
    '2026-11-20',
    '2026-11-20T09:00:00',
    '2026-11-20 09:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:60:00Z',
    '2026-11-20T09:00:60Z',
    '2026-11-20T09:00:00+24:00',
    '2026-11-20T09:00:00+01:60',
    '0050-01-01T00:00:00Z',
    'yesterday',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
  });

  it.each([Number.NaN, 1.5, 8.64e15 + 1, Date.UTC(10_000, 0)])('has no text for %d', (ms) => {
    expect(() => formatInstant(ms)).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
  });
});
