import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type AgentProfile, agentProfileSchema } from '../../../core/registry/agent-profile.js';
import { costMicroUsd } from '../../../core/registry/cost.js';
import type { Bounds } from '../../../core/tasks/spend.js';
import { createMeter } from './create-meter.js';
import { priceOfAgent } from './price-of-agent.js';

const open: Bounds = { micro_usd: null, tokens: null, turns: null, wall_ms: 3_600_000 };
const price = { input: 3_000_000, output: 15_000_000, cache_read: 300_000, cache_write: 3_750_000 };
const call = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0 };
const usages = fc.record({
  inputTokens: fc.nat(100_000),
  outputTokens: fc.nat(100_000),
  cacheReadTokens: fc.nat(1000),
  cacheWriteTokens: fc.nat(1000),
});

describe('createMeter', () => {
  test.prop([fc.array(usages, { maxLength: 20 })])('adds up every call, and each is a turn', (calls) => {
    const meter = createMeter({ price, bounds: open, nowMs: () => 0 });
    for (const one of calls) meter.add(one);
    const spend = meter.spend();
    expect(spend.turns).toBe(calls.length);
    expect(spend.micro_usd).toBe(calls.reduce((sum, one) => sum + costMicroUsd(price, one), 0));
    expect(Object.values(spend).every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true);
    meter.close();
  });

  it('keeps what transcripts tell of calls: tokens, and the time to the first of the answer where it is known', () => {
    const meter = createMeter({ price, bounds: open, nowMs: () => 0 });
    meter.add(call, 12.4);
    for (let n = 0; n < 600; n += 1) meter.add(call);
    expect(meter.calls()).toHaveLength(500);
    expect(meter.calls().slice(0, 2)).toEqual([
      { first_token_ms: 12, input_tokens: 100, output_tokens: 10 },
      { first_token_ms: null, input_tokens: 100, output_tokens: 10 },
    ]);
    meter.close();
  });

  it.each([
    ['money', { ...open, micro_usd: 900 }],
    ['tokens', { ...open, tokens: 220 }],
    ['turns', { ...open, turns: 2 }],
  ] as const)('tells of %s once, at the call that reaches it', (bound, bounds) => {
    const meter = createMeter({ price, bounds, nowMs: () => 0 });
    const told: string[] = [];
    meter.onReached((reached) => told.push(reached));
    meter.add(call);
    expect(meter.reached()).toBeNull();
    meter.add(call);
    meter.add(call);
    expect(told).toEqual([bound]);
    expect(meter.reached()).toBe(bound);
    meter.onReached((reached) => told.push(`late ${reached}`));
    expect(told).toEqual([bound, `late ${bound}`]);
    meter.close();
  });

  it('tells of time by itself, without a call', async () => {
    const meter = createMeter({ price, bounds: { ...open, wall_ms: 30 } });
    const bound = await new Promise((resolve) => meter.onReached(resolve));
    expect(bound).toBe('time');
    expect(meter.spend().wall_ms).toBeGreaterThanOrEqual(30);
    meter.close();
  });

  it('tells nothing after its end, and its wall time stands still', async () => {
    let now = 0;
    const meter = createMeter({ price, bounds: { ...open, wall_ms: 20 }, nowMs: () => now });
    let told = false;
    meter.onReached(() => (told = true));
    now = 7;
    meter.close();
    meter.close();
    now = 500;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(told).toBe(false);
    expect(meter.spend().wall_ms).toBe(7);
  });

  it('a bound of nothing is reached before anything happens', () => {
    const meter = createMeter({ price, bounds: { ...open, turns: 0 } });
    expect(meter.reached()).toBe('turns');
    meter.close();
  });

  it('a clock that goes back gives no negative time', () => {
    let now = 1000;
    const meter = createMeter({ price, bounds: open, nowMs: () => now });
    now = 0;
    expect(meter.spend().wall_ms).toBe(0);
    meter.close();
  });
});

describe('priceOfAgent', () => {
  const agent = (extra: object): AgentProfile => agentProfileSchema.parse({ name: 'a', kind: 'model', ...extra });
  const local = { protocol: 'openai-chat', base_url: 'http://127.0.0.1:11434/v1' };

  it('takes the profile’s word, a zero too', () => {
    expect(priceOfAgent(agent({ price: { input: 0, output: 0 }, endpoint: local })).price.input).toBe(0);
  });

  it('finds a known model of a known host in the packaged table', () => {
    const endpoint = { protocol: 'openai-responses', base_url: 'https://api.openai.com/v1' };
    expect(priceOfAgent(agent({ model: 'gpt-5', endpoint }))).toEqual({
      price: { input: 1_250_000, output: 10_000_000, cache_read: 125_000 },
      from: 'openai/gpt-5',
    });
  });

  it.each([
    ['a local model', agent({ model: 'my-own-model', endpoint: local })],
    ['a model in process', agentProfileSchema.parse({ name: 'l', kind: 'llama', file: '/models/x.gguf' })],
    ['no model at all', agent({})],
  ])('%s without a price is a fault that says how to give one', (_, one) => {
    expect(() => priceOfAgent(one)).toThrow(
      expect.objectContaining({ code: 'PRICE_UNKNOWN', mend: expect.stringContaining('--price-in') }),
    );
  });
});
