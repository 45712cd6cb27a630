import { type Checkpoint, isSignedBy } from '../../core/ledger/checkpoint.js';
import { judgeGrowth } from '../../core/ledger/judge-growth.js';
import { proveConsistency } from '../../core/ledger/proof.js';
import type { Hash } from '../../core/ledger/tree.js';
import { type NodePlace, readFrom, wantedNodes } from '../../core/ledger/wanted-nodes.js';
import { corruptFault } from '../../core/ledger/ledger-fault.js';
import { isFault } from '../../core/fault.js';
import type { Ports } from '../../ports/ports.js';
import { findLogKey } from './log-key.js';
import type { PublishedFlaw, ReadCheckpoint } from './read-published.js';
import type { LedgerCheck } from './verification.js';

/** Where a checkpoint comes from, and by which key it is to be checked. */
export interface CheckpointSource {
  readonly file: string;
  readonly logKey: string | undefined;
}

/** Whether the log's key signed a checkpoint. Nobody's key is nobody's signature. @throws LOG_KEY_INVALID, KEY_UNREADABLE */
export async function checkSignature(
  ports: Pick<Ports, 'files' | 'noteKeys' | 'places'>,
  { note, checkpoint }: ReadCheckpoint,
  { file, logKey }: CheckpointSource,
): Promise<LedgerCheck> {
  const said = (passed: boolean, detail: string): LedgerCheck => ({ check: 'signature', passed, detail });
  const key = await findLogKey(ports, checkpoint.origin, logKey);
  if (key === null) return said(false, `there is no key to check ${file} by: name the log's with --log-key`);
  if (key.name !== checkpoint.origin) {
    return said(false, `${file} is of the log ${checkpoint.origin}, and the key is that of ${key.name}`);
  }
  return isSignedBy(note, key, ports.noteKeys.check)
    ? said(true, `${file} is signed by the key of ${key.name}`)
    : said(false, `${file} bears no good signature of the key of ${key.name}`);
}

/** Whether the log at `head` extends what `pinned` saw, by a proof over nodes that are fetched, and checked. */
export async function checkConsistency(
  pinned: Checkpoint,
  head: Checkpoint,
  fetch: (wanted: readonly NodePlace[]) => Promise<readonly Hash[] | PublishedFlaw>,
): Promise<LedgerCheck> {
  const said = (passed: boolean, detail: string): LedgerCheck => ({ check: 'consistency', passed, detail });
  const proof = await proveGrowth(pinned, head, fetch);
  if ('missing' in proof) return said(false, proof.missing);
  const refusal = judgeGrowth(pinned, head, proof);
  return refusal === null
    ? said(true, `the log of ${head.size} entries extends the ${pinned.size} of the checkpoint`)
    : said(false, `the log's state does not follow on the checkpoint: ${refusal}`);
}

/** The consistency proof between two states; empty where there can be none. */
export async function proveGrowth(
  seen: Checkpoint | null,
  head: Checkpoint,
  fetch: (wanted: readonly NodePlace[]) => Promise<readonly Hash[] | PublishedFlaw>,
): Promise<readonly Hash[] | PublishedFlaw> {
  if (seen === null || seen.size > head.size) return [];
  const wanted = wantedNodes((read) => proveConsistency(seen.size, head.size, read));
  const nodes = await fetch(wanted);
  if ('missing' in nodes) return nodes;
  const missing = ({ level, index }: NodePlace): Error => corruptFault(`node ${index} of level ${level} is missing`);
  return proveConsistency(seen.size, head.size, readFrom(wanted, nodes, missing));
}

/** Nodes of our own log, a lost one as a flaw. */
export function nodesOrFlaw(
  nodes: (wanted: readonly NodePlace[]) => Promise<readonly Hash[]>,
): (wanted: readonly NodePlace[]) => Promise<readonly Hash[] | PublishedFlaw> {
  return (wanted) =>
    nodes(wanted).catch((error: unknown) => {
      if (isFault(error, 'LEDGER_CORRUPT')) return { missing: error.message };
      throw error;
    });
}
