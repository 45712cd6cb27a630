import { decodeBase64 } from '../base64.js';
import type { VerdictCheck } from '../caws/verdict/verification.js';
import { type CheckEd25519, isSignedBy, parseCheckpoint } from '../ledger/checkpoint.js';
import { type NoteKey, parseNote } from '../ledger/note.js';
import { verifyInclusion } from '../ledger/proof.js';
import { hashLeaf } from '../ledger/tree.js';
import { type Bundle, logIdOf } from './bundle.js';

type LogEntry = Bundle['verificationMaterial']['tlogEntries'][0];

const notAsked = 'no key of the log was given (--log-key FILE)';

/**
 * Whether an entry's bytes stand in the tree of the bundle's checkpoint, at the index that it says. A path that holds
 * proves nothing while nobody has vouched for the root: without a key of the log, that is neither passed nor failed.
 */
export function checkInclusion(entry: LogEntry, body: Uint8Array, logKey: NoteKey | null): VerdictCheck {
  const result = (passed: boolean | null, detail: string): VerdictCheck => ({ check: 'inclusion', passed, detail });
  const trouble = findTrouble(entry, body);
  if (trouble !== null) return result(false, trouble);
  const { logIndex, treeSize } = entry.inclusionProof;
  if (logKey === null) return result(null, `not checked: ${notAsked}, so that the root is anybody’s`);
  return result(true, `the entry is number ${logIndex} of the ${treeSize} under that checkpoint’s root`);
}

function findTrouble({ logIndex, inclusionProof }: LogEntry, body: Uint8Array): string | null {
  const checkpoint = parseCheckpoint(parseNote(inclusionProof.checkpoint.envelope)?.text ?? '');
  if (checkpoint === null) return 'its checkpoint is none';
  const root = decodeBase64(inclusionProof.rootHash);
  const path = inclusionProof.hashes.map(decodeBase64);
  if (root?.length !== 32 || !path.every((hash) => hash?.length === 32)) return 'its proof holds what is no hash';
  if (logIndex !== inclusionProof.logIndex) return 'it gives two places for one entry';
  if (inclusionProof.treeSize !== String(checkpoint.size) || !root.every((byte, at) => byte === checkpoint.root[at]))
    return 'its proof is for another state of the log than its checkpoint';
  const claim = { index: Number(logIndex), size: checkpoint.size, leaf: hashLeaf(body), root: checkpoint.root };
  return verifyInclusion(
    claim,
    path.filter((hash) => hash !== null),
  )
    ? null
    : `the entry does not stand at ${logIndex} under that root`;
}

/** Whether the log that is known by this key signed the checkpoint. */
export function checkCheckpoint(entry: LogEntry, logKey: NoteKey | null, check: CheckEd25519): VerdictCheck {
  const result = (passed: boolean | null, detail: string): VerdictCheck => ({ check: 'checkpoint', passed, detail });
  if (logKey === null) return result(null, `not checked: ${notAsked}`);
  const note = parseNote(entry.inclusionProof.checkpoint.envelope);
  const checkpoint = note === null ? null : parseCheckpoint(note.text);
  if (note === null || checkpoint === null) return result(false, 'it is no signed checkpoint');
  if (checkpoint.origin !== logKey.name)
    return result(false, `it is of the log ${checkpoint.origin}, and the key is of ${logKey.name}`);
  if (entry.logId.keyId !== logIdOf(logKey)) return result(false, 'the bundle names another key of the log');
  if (!isSignedBy(note, logKey, check)) return result(false, `the log ${logKey.name} has not signed it with this key`);
  return result(true, `signed by the log ${logKey.name}`);
}
