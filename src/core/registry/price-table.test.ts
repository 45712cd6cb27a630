import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Price, priceSchema } from './agent-profile.js';
import { type Usage, costMicroUsd } from './cost.js';
import { packagedPrices } from './packaged-prices.js';
import { findPrice, readPriceTable, writePriceTable } from './price-table.js';
import { providerOfHost } from './provider-of-host.js';

const rate = fc.nat(200_000_000);
const rates = fc.record(
  { input: rate, output: rate, cache_read: rate, cache_write: rate },
  { requiredKeys: ['input', 'output'] },
);
const prices: fc.Arbitrary<Price> = fc
  .tuple(rates, fc.option(fc.tuple(fc.integer({ min: 1, max: 1_000_000 }), rates), { nil: null }))
  .map(([base, tier]) => (tier === null ? base : { ...base, tiers: [{ above_tokens: tier[0], ...tier[1] }] }));
const tokens = fc.nat(10_000_000);
const usages: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteTokens: tokens,
});
const name = fc.stringMatching(/^[a-z0-9][a-z0-9.:@-]{0,12}$/);
const tables = fc
  .array(fc.tuple(name, fc.array(name, { minLength: 1, maxLength: 2 }), prices), { minLength: 1, maxLength: 20 })
  .map((rows) => new Map(rows.map(([provider, model, price]) => [`${provider}/${model.join('/')}`, price])));
const tableOf = (byKey: ReadonlyMap<string, Price>) =>
  readPriceTable(writePriceTable({ version: 'v', source: 's', byKey }));

describe('costMicroUsd', () => {
  test.prop([prices, usages])('is a whole number, rounded up, and never negative', (price, usage) => {
    const cost = costMicroUsd(price, usage);
    expect(Number.isSafeInteger(cost) && cost >= 0).toBe(true);
  });

  test.prop([rates, usages, tokens])('more tokens never cost less', (price, usage, more) => {
    const dearer = { ...usage, outputTokens: usage.outputTokens + more };
    expect(costMicroUsd(price, dearer)).toBeGreaterThanOrEqual(costMicroUsd(price, usage));
  });

  test.prop([prices, usages])('any token at any price costs something', (price, usage) => {
    fc.pre(price.output > 0 && usage.outputTokens > 0 && (price.tiers ?? []).every((tier) => tier.output > 0));
    expect(costMicroUsd(price, usage)).toBeGreaterThan(0);
  });

  it('counts cache reads and writes at their own rates, and at the input’s where none is known', () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 400_000, cacheWriteTokens: 100_000 };
    const price = { input: 3_000_000, output: 15_000_000, cache_read: 300_000, cache_write: 3_750_000 };
    expect(costMicroUsd(price, usage)).toBe(1_500_000 + 120_000 + 375_000);
    expect(costMicroUsd({ input: 3_000_000, output: 15_000_000 }, usage)).toBe(3_000_000);
  });

  it('charges a long prompt at its tier as a whole', () => {
    const price = { input: 1_250_000, output: 10, tiers: [{ above_tokens: 200_000, input: 2_500_000, output: 10 }] };
    const usage = { inputTokens: 200_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    expect(costMicroUsd(price, usage)).toBe(250_000);
    expect(costMicroUsd(price, { ...usage, inputTokens: 200_001 })).toBe(500_003);
  });

  it('takes no number for none, and saturates', () => {
    const price = { input: 1_000_000, output: 1_000_000 };
    const none = { inputTokens: Number.NaN, outputTokens: -5, cacheReadTokens: 0, cacheWriteTokens: 0 };
    expect(costMicroUsd(price, none)).toBe(0);
    expect(costMicroUsd({ input: 1e15, output: 0 }, { ...none, inputTokens: 1e15 })).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('findPrice', () => {
  test.prop([tables])('what was written is read again, and the same prices give the same bytes', (byKey) => {
    const table = tableOf(byKey);
    expect(new Map(table.byKey)).toEqual(byKey);
    const reversed = new Map([...byKey].reverse());
    expect(writePriceTable({ version: 'v', source: 's', byKey: reversed })).toBe(
      writePriceTable({ version: 'v', source: 's', byKey }),
    );
  });

  test.prop([tables, fc.nat()])('an exact entry wins, whatever others ask', (byKey, pick) => {
    const keys = [...byKey.keys()];
    const key = keys[pick % keys.length] ?? '';
    const [provider = '', ...model] = key.split('/');
    expect(findPrice(tableOf(byKey), provider, model.join('/'))).toEqual({ price: byKey.get(key), key });
  });

  test.prop([prices, prices])('providers that differ give no price', (one, other) => {
    fc.pre(JSON.stringify(one) !== JSON.stringify(other));
    const table = tableOf(
      new Map([
        ['a/m', one],
        ['b/m', other],
      ]),
    );
    expect(findPrice(table, null, 'm')).toBeNull();
    expect(findPrice(table, 'c', 'm')).toBeNull();
    expect(
      findPrice(
        tableOf(
          new Map([
            ['a/m', one],
            ['b/m', one],
          ]),
        ),
        null,
        'm',
      )?.price,
    ).toEqual(one);
  });

  it('guesses nothing from a name that is nearly right', () => {
    const table = tableOf(new Map([['openai/gpt-5', { input: 1, output: 1 }]]));
    expect(findPrice(table, 'openai', 'gpt-5-mini')).toBeNull();
    expect(findPrice(table, 'openai', 'GPT-5')).toBeNull();
    expect(findPrice(table, null, 'openai/gpt-5')?.key).toBe('openai/gpt-5');
  });

  it('refuses a table that is cut off', () => {
    expect(() => readPriceTable(packagedPrices.slice(0, 5))).toThrow(
      expect.objectContaining({ code: 'PRICE_UNKNOWN' }),
    );
    expect(() => readPriceTable('arbiter-prices 1\nv\ns\n1,2\nopenai gpt=9\n')).toThrow(/gpt=9/);
  });
});

describe('the packaged table', () => {
  const table = readPriceTable(packagedPrices);

  it('names its source, licence and version, and is small', () => {
    expect(table.version).toMatch(/^models\.dev commit [0-9a-f]{40}, file sha256 [0-9a-f]{64}$/);
    expect(table.source).toMatch(/models\.dev, licence MIT/);
    expect(packagedPrices.length).toBeLessThan(200_000);
    expect(table.byKey.size).toBeGreaterThan(3000);
  });

  it('holds whole prices that are never nothing', () => {
    for (const price of table.byKey.values()) {
      expect(priceSchema.safeParse(price).success).toBe(true);
      expect(price.input > 0 && price.output > 0).toBe(true);
    }
  });

  it('knows the usual ones by the host that serves them', () => {
    expect(findPrice(table, providerOfHost('https://api.anthropic.com/v1'), 'claude-sonnet-4-5')?.price).toEqual({
      input: 3_000_000,
      output: 15_000_000,
      cache_read: 300_000,
      cache_write: 3_750_000,
    });
    expect(
      findPrice(table, providerOfHost('https://generativelanguage.googleapis.com'), 'gemini-2.5-pro')?.price.tiers,
    ).toEqual([{ above_tokens: 200_000, input: 2_500_000, output: 15_000_000, cache_read: 250_000 }]);
    expect(providerOfHost('http://127.0.0.1:8080/v1')).toBeNull();
    expect(providerOfHost('https://api.openai.com.evil.example/v1')).toBeNull();
  });
});
