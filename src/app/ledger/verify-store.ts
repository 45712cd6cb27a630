import type { Checkpoint } from '../../core/ledger/checkpoint.js';
import { hexOf } from '../../core/ledger/hex.js';
import {
  type ExpectedState,
  type LogCheck,
  type MadeNode,
  checkNext,
  endCheck,
  rootOfCheck,
  startedCheck,
} from '../../core/ledger/verify-log.js';
import { isErasure } from '../../core/records/content-entries.js';
import { isFault } from '../../core/fault.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { TreeHash } from '../../ports/tree-hash.js';
import type { Ports } from '../../ports/ports.js';
import { type CheckpointTrust, checkConsistency, checkSignatures, nodesOrFlaw } from './check-checkpoint.js';
import { createNodesCheck } from './check-nodes.js';
import type { ReadCheckpoint } from './read-published.js';
import type { LedgerCheck, LedgerVerification } from './verification.js';

/** A checkpoint that was kept since earlier. */
export interface PinnedCheckpoint extends ReadCheckpoint {
  readonly file: string;
}

/** What is held against the log. */
export interface Asked {
  readonly pinned: PinnedCheckpoint | null;
  readonly trust: CheckpointTrust;
  readonly signal: AbortSignal;
}

type VerifyPorts = Pick<Ports, 'files' | 'noteKeys' | 'places' | 'treeHash'>;

/**
 * Checks the whole log of the store: each entry against its leaf and the one before it, all of them and every
 * node that they make against the stored tree, and against a checkpoint that was kept. @throws STORE_UNAVAILABLE, LOG_KEY_INVALID
 */
export async function verifyStore(ports: VerifyPorts, ledger: LedgerLog, asked: Asked): Promise<LedgerVerification> {
  const origin = await ledger.origin();
  const { pinned } = asked;
  const { head, check } = await readTree(ledger);
  const mine = pinned !== null && pinned.checkpoint.origin === origin ? pinned : null;
  const expected: ExpectedState[] = [
    ...(head === null ? [] : [{ size: head.size, root: head.root, source: 'the stored tree' }]),
    ...(mine === null ? [] : [{ size: mine.checkpoint.size, root: mine.checkpoint.root, source: mine.file }]),
  ];
  // Without a tree nobody knows the end.
  const size = head?.size ?? Number.MAX_SAFE_INTEGER;
  const by = { hash: ports.treeHash, signal: asked.signal };
  const { log, nodes, erased } = await checkEntries(ledger, size, expected, by);
  const checks: LedgerCheck[] = [check, describeLog(log), nodes];
  if (pinned !== null) {
    checks.push(checkOrigin(pinned, origin), ...(await checkSignatures(ports, pinned, pinned.file, asked.trust)));
  }
  if (mine !== null && head !== null) {
    checks.push(
      await checkConsistency(
        mine.checkpoint,
        head,
        nodesOrFlaw((wanted) => ledger.nodes(wanted)),
      ),
    );
  }
  return summarize({ source: 'store', origin, log, checks, erased });
}

/** The verification as it is told: verified when each check passed. */
export function summarize(found: {
  readonly source: string;
  readonly origin: string;
  readonly log: LogCheck;
  readonly checks: readonly LedgerCheck[];
  readonly erased: number;
}): LedgerVerification {
  const { source, origin, log, checks, erased } = found;
  return {
    source,
    origin,
    size: log.size,
    root: hexOf(rootOfCheck(log)),
    verified: checks.every(({ passed }) => passed),
    checks: [...checks],
    first_wrong: log.flaw?.index ?? null,
    erased,
  };
}

/** What the entries themselves showed. */
export function describeLog(log: LogCheck): LedgerCheck {
  const good = `${log.size} entries, each as its leaf says and after the one it names, under root ${hexOf(rootOfCheck(log))}`;
  return { check: 'log', passed: log.flaw === null, detail: log.flaw?.what ?? good };
}

/** Whether a checkpoint is of the log that it is held against. */
export function checkOrigin({ checkpoint, file }: PinnedCheckpoint, origin: string): LedgerCheck {
  const passed = checkpoint.origin === origin;
  const detail = passed
    ? `${file} is of this log, ${origin}`
    : `${file} is of the log ${checkpoint.origin}, and this one is ${origin}`;
  return { check: 'origin', passed, detail };
}

async function readTree(ledger: LedgerLog): Promise<{ head: Checkpoint | null; check: LedgerCheck }> {
  try {
    const head = await ledger.head();
    return { head, check: { check: 'tree', passed: true, detail: `the stored tree is of ${head.size} entries` } };
  } catch (error) {
    if (!isFault(error, 'LEDGER_CORRUPT')) throw error;
    return { head: null, check: { check: 'tree', passed: false, detail: error.message } };
  }
}

async function checkEntries(
  ledger: LedgerLog,
  size: number,
  expected: readonly ExpectedState[],
  by: { readonly hash: TreeHash; readonly signal: AbortSignal },
): Promise<{ log: LogCheck; nodes: LedgerCheck; erased: number }> {
  let check = startedCheck;
  const nodes = createNodesCheck(ledger);
  let erased = 0;
  for await (const page of ledger.pages(0, size)) {
    by.signal.throwIfAborted();
    const made: MadeNode[] = [];
    const { size: begin } = check;
    for (const entry of page) {
      const next = checkNext(check, entry, expected, by.hash);
      // The leaf of an entry that was found good is that of its bytes.
      if (next.size > check.size) {
        for (const node of next.made) made.push(node);
        if (isErasure(entry.bytes)) erased += 1;
      }
      check = next;
    }
    await nodes.take({ begin, end: check.size, made });
    if (check.flaw !== null) break;
  }
  return { log: endCheck(check, expected), nodes: await nodes.end(), erased };
}
