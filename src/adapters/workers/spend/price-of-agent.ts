import { Fault } from '../../../core/fault.js';
import type { AgentProfile, Price } from '../../../core/registry/agent-profile.js';
import { packagedPrices } from '../../../core/registry/packaged-prices.js';
import { type PriceTable, findPrice, readPriceTable } from '../../../core/registry/price-table.js';
import { providerOfHost } from '../../../core/registry/provider-of-host.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';

let table: PriceTable | null = null;

/** The table in the package, read once. */
function packagedPriceTable(): PriceTable {
  table ??= readPriceTable(packagedPrices);
  return table;
}

/** Version of the table in the package. */
export function priceTableVersion(): string {
  return packagedPriceTable().version;
}

/** A price, and who says so. */
export interface AgentPrice {
  readonly price: Price;
  /** `profile`, or the entry of the table. */
  readonly from: string;
}

/**
 * What an agent's model costs: what its profile says, else the packaged table by endpoint and model. A model on this very
 * machine is free only when its profile says 0: a loopback address may be a door to a paid one.
 * @throws PRICE_UNKNOWN, which is never read as free
 */
export function priceOfAgent(agent: AgentProfile, prices: PriceTable = packagedPriceTable()): AgentPrice {
  if (agent.price !== null) return { price: agent.price, from: 'profile' };
  const provider = agent.endpoint === null ? null : providerOfHost(agent.endpoint.base_url);
  const found = agent.model === null || agent.kind === 'llama' ? null : findPrice(prices, provider, agent.model);
  if (found !== null) return { price: found.price, from: found.key };
  const model = agent.model === null ? 'the model' : `model ${agent.model}`;
  throw new Fault<WorkerFaultCode>('PRICE_UNKNOWN', `nobody says what ${model} of agent '${agent.name}' costs`, {
    mend:
      `say it: arbiter agents add ${agent.name} … --price-in <USD per million tokens> --price-out <USD per million ` +
      'tokens>; 0 and 0 for a model on this machine',
  });
}
