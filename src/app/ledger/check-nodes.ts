import { isFault } from '../../core/fault.js';
import { equalHashes } from '../../core/ledger/hex.js';
import type { Hash } from '../../core/ledger/tree.js';
import type { MadeNode } from '../../core/ledger/verify-log.js';
import type { LedgerLog, StoredLevel } from '../../ports/ledger-log.js';
import type { LedgerCheck } from './verification.js';

/** What the entries from `begin` up to, and without, `end` have completed above the leaves. */
export interface MadeNodes {
  readonly begin: number;
  readonly end: number;
  readonly made: readonly MadeNode[];
}

/** Stored nodes held against those that the entries make. */
interface NodesCheck {
  take(page: MadeNodes): Promise<void>;
  end(): Promise<LedgerCheck>;
}

/** Compares what it is given with what is stored, and looks at nothing after the first wrong one. @throws STORE_UNAVAILABLE */
export function createNodesCheck(ledger: LedgerLog): NodesCheck {
  let count = 0;
  let asked: Promise<string | null> = Promise.resolve(null);
  return {
    // One page is compared while the next one is made: the store and this process work side by side.
    async take(page) {
      const flaw = await asked;
      count += page.made.length;
      asked = flaw === null ? comparePage(ledger, page) : Promise.resolve(flaw);
      // Its fault is heard by whoever waits for it next.
      asked.catch(() => undefined);
    },
    async end() {
      const flaw = await asked;
      const wrong = flaw ?? (await findStray(ledger));
      const good = `${count} inner nodes, each as the entries below it make it`;
      return { check: 'nodes', passed: wrong === null, detail: wrong ?? good };
    },
  };
}

/** By whole levels, which is quick; what is not the same is looked at one by one, so that it can be named. */
async function comparePage(ledger: LedgerLog, { begin, end, made }: MadeNodes): Promise<string | null> {
  const levels = new Map<number, Hash[]>();
  for (const { level, hash } of made) {
    const known = levels.get(level);
    if (known === undefined) levels.set(level, [hash]);
    else known.push(hash);
  }
  const stored = begin === end ? [] : await ledger.levels(begin, end);
  if (stored.length === levels.size && stored.every((level) => isMadeOf(level, levels.get(level.level)))) return null;
  const wrong = await findWrong(ledger, made);
  return wrong ?? `the nodes that entries ${begin} to ${end - 1} complete are stored in another form than they have`;
}

/** INVARIANT: both are in the order of their index, as a log completes its subtrees. */
function isMadeOf({ count, hashes }: StoredLevel, made: readonly Hash[] = []): boolean {
  if (count !== made.length || hashes.length !== made.length * 32) return false;
  return made.every((hash, at) => {
    for (let index = 0; index < 32; index += 1) if (hashes[at * 32 + index] !== hash[index]) return false;
    return true;
  });
}

async function findWrong(ledger: LedgerLog, made: readonly MadeNode[]): Promise<string | null> {
  try {
    const stored = await ledger.nodes(made);
    const wrong = made.find(({ hash }, at) => !equalHashes(stored[at] ?? new Uint8Array(), hash));
    return wrong === undefined ? null : `${nameOf(wrong)} was changed: it is not what the entries below it make`;
  } catch (error) {
    if (isFault(error, 'LEDGER_CORRUPT')) return error.message;
    throw error;
  }
}

async function findStray(ledger: LedgerLog): Promise<string | null> {
  const stray = await ledger.findStrayNode();
  return stray === null ? null : `${nameOf(stray)} is over entries that are not there: the log’s tail is missing`;
}

function nameOf({ level, index }: { readonly level: number; readonly index: number }): string {
  return `node ${index} of level ${level}`;
}
