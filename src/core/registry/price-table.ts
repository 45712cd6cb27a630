import { Fault } from '../fault.js';
import type { Price } from './agent-profile.js';

/** Prices of models by provider, and where the figures come from. */
export interface PriceTable {
  /** Commit of the catalogue, and the SHA-256 of the file that was read. */
  readonly version: string;
  readonly source: string;
  /** Prices by `provider/model`; a model's own id may hold slashes. */
  readonly byKey: ReadonlyMap<string, Price>;
  /** Keys by model id alone. */
  readonly byModel: ReadonlyMap<string, readonly string[]>;
}

export interface FoundPrice {
  readonly price: Price;
  /** Entry of the table that it stands in, such as `openai/gpt-5`. */
  readonly key: string;
}

const heading = 'arbiter-prices 1';

/**
 * The table as one text: a heading, version, source, the distinct prices, then one line a provider with `model=n` for the
 * n-th price. Sorted: the same prices give the same bytes. Ids must hold no white space.
 */
export function writePriceTable(table: Pick<PriceTable, 'version' | 'source' | 'byKey'>): string {
  const written = new Map([...table.byKey].map(([key, price]) => [key, writePrice(price)] as const));
  const prices = [...new Set(written.values())].sort();
  const place = new Map(prices.map((price, index) => [price, index]));
  const providers = new Map<string, string[]>();
  for (const [key, price] of [...written].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const border = key.indexOf('/');
    const models = providers.get(key.slice(0, border)) ?? [];
    models.push(`${key.slice(border + 1)}=${place.get(price)}`);
    providers.set(key.slice(0, border), models);
  }
  const lines = [...providers].map(([provider, models]) => `${provider} ${models.join(' ')}`);
  return [heading, table.version, table.source, prices.join(' '), ...lines, ''].join('\n');
}

/** Reads what `writePriceTable` wrote. @throws PRICE_UNKNOWN */
export function readPriceTable(text: string): PriceTable {
  const [head, version = '', source = '', priceLine = '', ...lines] = text.trimEnd().split('\n');
  if (head !== heading) throw unreadable('heading');
  const prices = priceLine.split(' ').map(readPrice);
  const byKey = new Map<string, Price>();
  const byModel = new Map<string, string[]>();
  for (const line of lines) {
    const [provider = '', ...models] = line.split(' ');
    for (const entry of models) {
      const border = entry.lastIndexOf('=');
      const price = prices[readCount(entry.slice(border + 1))];
      if (border < 1 || price === undefined) throw unreadable(`${provider} ${entry}`);
      const model = entry.slice(0, border);
      byKey.set(`${provider}/${model}`, price);
      const keys = byModel.get(model);
      if (keys === undefined) byModel.set(model, [`${provider}/${model}`]);
      else keys.push(`${provider}/${model}`);
    }
  }
  return { version, source, byKey, byModel };
}

/**
 * The price of a model: the entry of this provider, else the one price that all entries of that very name agree on.
 * Null where there is none or where they differ: never a guess.
 */
export function findPrice(table: PriceTable, provider: string | null, model: string): FoundPrice | null {
  const exact = provider === null ? undefined : table.byKey.get(`${provider}/${model}`);
  if (exact !== undefined) return { price: exact, key: `${provider}/${model}` };
  // a name such as `openai/gpt-5` is a key, and with some resellers a model's own id
  const found = [model, ...(table.byModel.get(model) ?? [])].flatMap((key) => {
    const price = table.byKey.get(key);
    return price === undefined ? [] : [{ key, price }];
  });
  const [first, ...rest] = found;
  if (first === undefined) return null;
  return rest.every(({ price }) => writePrice(price) === writePrice(first.price)) ? first : null;
}

/** `input,output,cacheRead,cacheWrite`, an unknown rate empty; tiers after it as `@above:…`. */
function writePrice(price: Price): string {
  const rates = (of: Omit<Price, 'tiers'>): string =>
    [of.input, of.output, of.cache_read ?? '', of.cache_write ?? ''].join(',').replace(/,+$/, '');
  return [rates(price), ...(price.tiers ?? []).map((tier) => `${tier.above_tokens}:${rates(tier)}`)].join('@');
}

function readPrice(text: string): Price {
  const [base = '', ...tiers] = text.split('@');
  const read = tiers.map((tier) => {
    const [above = '', rates = ''] = tier.split(':');
    return { above_tokens: readCount(above), ...readRates(rates) };
  });
  return { ...readRates(base), ...(read.length === 0 ? {} : { tiers: read }) };
}

function readRates(text: string): Omit<Price, 'tiers'> {
  const [input = '', output = '', cacheRead = '', cacheWrite = ''] = text.split(',');
  return {
    input: readCount(input),
    output: readCount(output),
    ...(cacheRead === '' ? {} : { cache_read: readCount(cacheRead) }),
    ...(cacheWrite === '' ? {} : { cache_write: readCount(cacheWrite) }),
  };
}

function readCount(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < 0) throw unreadable(text);
  return value;
}

function unreadable(where: string): Fault<'PRICE_UNKNOWN'> {
  return new Fault('PRICE_UNKNOWN', `the packaged price table cannot be read at '${where}'`, {
    mend: 'install arbiter again: the table is a part of it',
  });
}
