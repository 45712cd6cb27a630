import type { AllowedSigners } from '../../core/caws/keys/allowed-signers.js';
import { type Checkpoint, cosignedAt, isSignedBy } from '../../core/ledger/checkpoint.js';
import { judgeGrowth } from '../../core/ledger/judge-growth.js';
import { findSignature } from '../../core/ledger/note.js';
import { proveConsistency } from '../../core/ledger/proof.js';
import type { Hash } from '../../core/ledger/tree.js';
import { type NodePlace, readFrom, wantedNodes } from '../../core/ledger/wanted-nodes.js';
import { corruptFault } from '../../core/ledger/ledger-fault.js';
import { isFault } from '../../core/fault.js';
import type { Ports } from '../../ports/ports.js';
import { type WantedWitness, checkBySigners, checkCosignature, namesOf, shortKey } from './check-signer.js';
import { findLogKey } from './log-key.js';
import type { PublishedFlaw, ReadCheckpoint } from './read-published.js';
import type { LedgerCheck } from './verification.js';

/** Whose signatures a checkpoint has to bear. */
export interface CheckpointTrust {
  /** The log's key as it was named; this machine's where it was not. */
  readonly logKey: string | undefined;
  /** A keyring in which the log's key has to be, in place of one key. */
  readonly signers: AllowedSigners | null;
  readonly witness: WantedWitness | null;
  readonly nowMs: number;
}

/**
 * Whether the log signed a checkpoint, and a witness where one is wanted. @throws LOG_KEY_INVALID, KEY_UNREADABLE
 */
export async function checkSignatures(
  ports: Pick<Ports, 'files' | 'noteKeys' | 'places'>,
  read: ReadCheckpoint,
  file: string,
  trust: CheckpointTrust,
): Promise<readonly LedgerCheck[]> {
  const { check } = ports.noteKeys;
  const { signers, witness, nowMs } = trust;
  const seenSeconds = witness === null ? null : cosignedAt(read.note, witness.key, check);
  const seenMs = seenSeconds === null ? null : seenSeconds * 1000;
  const signed =
    signers === null
      ? await checkByKey(ports, read, file, trust.logKey)
      : checkBySigners(read, { file, signers, seenMs, nowMs }, check);
  return witness === null ? [signed] : [signed, checkCosignature(read, { file, witness, nowMs }, check)];
}

/** Whether the log's key signed a checkpoint. Nobody's key is nobody's signature. */
async function checkByKey(
  ports: Pick<Ports, 'files' | 'noteKeys' | 'places'>,
  { note, checkpoint }: ReadCheckpoint,
  file: string,
  logKey: string | undefined,
): Promise<LedgerCheck> {
  const said = (passed: boolean, detail: string): LedgerCheck => ({ check: 'signature', passed, detail });
  const key = await findLogKey(ports, checkpoint.origin, logKey);
  if (key === null) return said(false, `there is no key to check ${file} by: name the log's with --log-key`);
  if (key.name !== checkpoint.origin) {
    return said(false, `${file} is of the log ${checkpoint.origin}, and the key is that of ${key.name}`);
  }
  if (isSignedBy(note, key, ports.noteKeys.check)) return said(true, `${file} is signed by the key of ${key.name}`);
  const why =
    findSignature(note, key) === null
      ? `its signer is unknown: it is signed by ${namesOf(note)}, and the log's key is ${shortKey(key)}`
      : 'the one that names this key is over another text';
  return said(false, `${file} bears no good signature of the key of ${key.name}: ${why}`);
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
