import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { classifyAnswer, classifyFault } from './error-class.js';
import { mayRetry, readRetryAfter, retryDelayMs, withinRetryBudget } from './retry.js';

const draw = fc.double({ min: 0, max: 0.9999999, noNaN: true });

describe('retry', () => {
  test.prop([fc.integer({ min: 1, max: 1000 }), draw])(
    'waits anywhere below the doubling span, and at most a minute',
    (n, u) => {
      const delay = retryDelayMs(n, null, u);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(Math.min(60_000, 500 * 2 ** Math.min(n, 30)));
    },
  );

  test.prop([fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 600_000 }), draw])(
    'is never sooner than the endpoint asked for',
    (n, asked, u) => {
      const delay = retryDelayMs(n, asked, u);
      expect(delay).toBeGreaterThanOrEqual(asked);
      expect(delay).toBeLessThan(asked + 1000);
    },
  );

  it('reads seconds and dates', () => {
    const now = Date.UTC(2026, 0, 1, 12);
    const read = (said: string): number | null => readRetryAfter({ 'retry-after': said }, now);
    expect(read('120')).toBe(120_000);
    expect(read(' 0.5 ')).toBe(500);
    expect(read('Thu, 01 Jan 2026 12:00:30 GMT')).toBe(30_000);
    expect(read('Thu, 01 Jan 2026 11:00:00 GMT')).toBe(0);
    expect(read('99999999999')).toBe(86_400_000);
    for (const odd of ['', 'soon', '-5', '2026-01-01', 'Xxx, 99 Foo 2026 12:00:30 GMT']) expect(read(odd)).toBeNull();
    expect(readRetryAfter({ 'retry-after-ms': '250.2', 'retry-after': '7' }, now)).toBe(251);
    expect(readRetryAfter({ 'retry-after-ms': 'soon', 'retry-after': '7' }, now)).toBe(7000);
    expect(readRetryAfter({ 'retry-after': ['7'] }, now)).toBeNull();
    expect(readRetryAfter({}, now)).toBeNull();
  });

  it('spends at most a tenth of the tasks', () => {
    expect(withinRetryBudget(9, 3)).toBe(true);
    expect(withinRetryBudget(10, 3)).toBe(false);
    expect(withinRetryBudget(99, 1000)).toBe(true);
    expect(withinRetryBudget(100, 1000)).toBe(false);
  });
});

describe('error class', () => {
  it.each([
    [null, null, 'network', true],
    [200, null, null, false],
    [429, null, 'rate-limit', true],
    [429, 'insufficient_quota', 'auth', false],
    [529, 'overloaded_error', 'overload', true],
    [503, null, 'overload', true],
    [502, null, 'network', true],
    [401, 'invalid_request_error', 'auth', false],
    [400, 'context_length_exceeded', 'context-length', false],
    [413, null, 'context-length', false],
    [400, 'content_filter', 'content-filter', false],
    [400, 'invalid_request_error', 'invalid-request', false],
    [404, 'anything', 'invalid-request', false],
    [400, 'API_KEY_INVALID', 'auth', false],
    [402, 'billing_error', 'auth', false],
    [429, 'RESOURCE_EXHAUSTED', 'rate-limit', true],
    [503, 'UNAVAILABLE', 'overload', true],
    [504, 'DEADLINE_EXCEEDED', 'network', true],
    [500, null, 'overload', true],
    [200, 'content_filter', 'content-filter', false],
    [200, 'overloaded_error', 'overload', true],
  ] as const)('of %s %s is %s', (status, code, told, again) => {
    const found = classifyAnswer({ status, code });
    expect(found).toBe(told);
    expect(found !== null && mayRetry(found)).toBe(again);
  });

  it.each([
    ['prompt is too long: 210000 tokens > 200000 maximum', 'context-length'],
    ['The input token count (9) exceeds the maximum number of tokens allowed (8)', 'context-length'],
    ['This model’s maximum context length is 8192 tokens', 'context-length'],
    ['Your credit balance is too low to access the API', 'auth'],
    ['The response was filtered due to the content management policy', 'content-filter'],
    ['temperature: must be below 1', 'invalid-request'],
  ] as const)('of a bad request is told by its words: %s', (words, told) => {
    for (const code of ['invalid_request_error', 'INVALID_ARGUMENT', null])
      expect(classifyAnswer({ status: 400, code, words })).toBe(told);
    // Words are asked only where neither status nor code says anything.
    expect(classifyAnswer({ status: 429, code: null, words })).toBe('rate-limit');
  });

  it('is told by a worker’s fault, and is none where the agent did nothing wrong', () => {
    expect(classifyFault('ENDPOINT_BUSY')).toBe('rate-limit');
    expect(classifyFault('AGENT_REFUSED_KEY')).toBe('auth');
    expect(classifyFault('AGENT_FAILED')).toBe('crash');
    expect(classifyFault('BOUND_REACHED')).toBeNull();
  });
});
