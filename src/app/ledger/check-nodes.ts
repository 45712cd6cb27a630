import { isFault } from '../../core/fault.js';
import type { MadeNode } from '../../core/ledger/completed-nodes.js';
import { equalHashes } from '../../core/ledger/hex.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { LedgerCheck } from './verification.js';

/** Nodes that are asked for together: memory does not grow with the log. */
const pageNodes = 512;

/** Stored nodes held against those that the entries make. */
interface NodesCheck {
  take(made: readonly MadeNode[]): Promise<void>;
  end(): Promise<LedgerCheck>;
}

/** Compares what it is given with what is stored, and looks at nothing after the first wrong one. @throws STORE_UNAVAILABLE */
export function createNodesCheck(ledger: LedgerLog): NodesCheck {
  let waiting: MadeNode[] = [];
  let count = 0;
  let asked: Promise<string | null> = Promise.resolve(null);
  // One page is compared while the next one is made: the store and this process work side by side.
  const compare = async (): Promise<void> => {
    const page = waiting;
    waiting = [];
    const flaw = await asked;
    count += page.length;
    asked = flaw === null ? findWrong(ledger, page) : Promise.resolve(flaw);
    // Its fault is heard by whoever waits for it next.
    asked.catch(() => undefined);
  };
  return {
    async take(made) {
      for (const node of made) waiting.push(node);
      if (waiting.length >= pageNodes) await compare();
    },
    async end() {
      await compare();
      const flaw = await asked;
      const wrong = flaw ?? (await findStray(ledger));
      const good = `${count} inner nodes, each as the entries below it make it`;
      return { check: 'nodes', passed: wrong === null, detail: wrong ?? good };
    },
  };
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
