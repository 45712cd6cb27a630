// One of several processes that share a registry. usage: registry-process.ts URL APP_URL observe NAME FROM COUNT | follow NAME
import { openRegistry } from '../../src/app/registry/open-registry.js';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { findAgent } from '../../src/core/registry/snapshot.js';
import { openTestStores } from '../store/stores.js';
import { outcomeOf } from './outcomes.js';

/** A line that it prints. `saw`: version, status and outcomes of the agent, as its snapshot has them. */
export interface Said {
  readonly ready?: true;
  readonly done?: true;
  readonly saw?: readonly [string | null, string | null, number];
  readonly at?: number;
}

const [ownerUrl = '', appUrl = '', job, name = '', from = '0', count = '0'] = process.argv.slice(2);
const database = await openTestStores({ ownerUrl, appUrl });
const registry = await openRegistry(database, systemClock);
const say = (what: Said): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

if (job === 'observe') {
  say({ ready: true });
  // All begin together, when they are told to.
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let index = Number(from); index < Number(from) + Number(count); index += 1) {
    await registry.recordOutcome(outcomeOf(name, index), null);
  }
  say({ done: true });
  process.stdin.destroy();
} else {
  const stop = new AbortController();
  const following = registry.follow(stop.signal);
  const look = (): NonNullable<Said['saw']> => {
    const entry = findAgent(registry.snapshot(), name);
    const seen = entry?.performance.get('code-editing/standard')?.n ?? 0;
    return [entry?.profile.version ?? null, entry?.status ?? null, seen];
  };
  let last = look();
  say({ saw: last, at: Date.now() });
  const looking = setInterval(() => {
    const now = look();
    if (String(now) === String(last)) return;
    last = now;
    say({ saw: last, at: Date.now() });
  }, 1);
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  clearInterval(looking);
  stop.abort();
  await following;
}
await database.close();
