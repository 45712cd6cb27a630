import { z } from 'zod';
import { encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import { cosignCheckpoint, isSignedBy, renderCheckpoint } from '../../core/ledger/checkpoint.js';
import { hexOf } from '../../core/ledger/hex.js';
import { judgeGrowth } from '../../core/ledger/judge-growth.js';
import {
  type NoteKey,
  findSignature,
  noteKinds,
  parseNoteKey,
  renderNote,
  renderNoteKey,
} from '../../core/ledger/note.js';
import type { NoteSigner } from '../../ports/note-keys.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { proveGrowth } from './check-checkpoint.js';
import { findLogKey } from './log-key.js';
import {
  type PublishedFlaw,
  type ReadCheckpoint,
  maxNoteBytes,
  readCheckpoint,
  readHead,
  readTreeNodes,
} from './read-published.js';

export type WitnessFaultCode = 'WITNESS_STATE_INVALID' | 'WITNESS_NAME_INVALID';

const inputSchema = z.strictObject({
  remote: z.string().min(1).describe('The exported log: a folder, or http on this machine.'),
  key: z.string().min(1).describe('The witness’s private key, in OpenSSH’s format.'),
  state: z.string().min(1).describe('Where the witness keeps the last checkpoint that it cosigned.'),
  name: z.string().min(1).describe('Name of the witness in its signatures.'),
  logKey: z.string().min(1).optional().describe('The log’s key, NAME+HASH+KEY or a file that holds it.'),
});
export type LedgerWitnessInput = z.infer<typeof inputSchema>;

/** What `arbiter ledger witness` tells. */
export const ledgerCosignatureSchema = z
  .strictObject({
    cosigned: z.boolean(),
    reason: z.string().nullable().describe('Why it was not cosigned.'),
    origin: z.string(),
    size: z.number().int().nonnegative(),
    root: z.string(),
    seen_size: z.number().int().nonnegative().nullable().describe('Entries at the last checkpoint that was cosigned.'),
    note: z.string().nullable().describe('The checkpoint with the log’s and the witness’s signature.'),
    witness_key: z.string().describe('What others check the cosignature by.'),
  })
  .meta({ id: 'LedgerCosignature' });
export type LedgerCosignature = z.infer<typeof ledgerCosignatureSchema>;

/**
 * Cosigns a log's checkpoint only when the log has grown out of the one that was cosigned before. The state is written
 * before the signature is given away: a witness that is killed has at most seen more than it told. One at a time.
 * @throws KEY_MISSING, KEY_EXPOSED, CHECKPOINT_INVALID, WITNESS_STATE_INVALID, WITNESS_NAME_INVALID, FILE_EXISTS,
 * PUBLISHED_LOG_REFUSED, PUBLISHED_LOG_UNREADABLE, LOG_KEY_INVALID
 */
export const ledgerWitness: Operation<LedgerWitnessInput, LedgerCosignature> = {
  name: 'ledger witness',
  summary: 'cosign a checkpoint of a log that has only grown since the last one',
  role: 'human',
  input: inputSchema,
  output: ledgerCosignatureSchema,
  async run(ports, input) {
    const signer = await ports.noteKeys.loadSigner(input.key);
    const key = witnessKey(input.name, signer);
    const lock = `${input.state}.lock`;
    await ports.files.writeNewFile(lock, encodeUtf8('a witness is at work; remove this when none is\n'));
    try {
      return await cosign(ports, input, { key, signer });
    } finally {
      await ports.files.removeFile(lock);
    }
  },
};

interface Witness {
  readonly key: NoteKey;
  readonly signer: NoteSigner;
}

async function cosign(ports: Ports, input: LedgerWitnessInput, witness: Witness): Promise<LedgerCosignature> {
  const offered = await readHead(ports.openPublishedLog(input.remote), input.remote);
  const { origin, size, root } = offered.checkpoint;
  const seen = await readState(ports, input.state, witness.key);
  const told = {
    origin,
    size,
    root: hexOf(root),
    seen_size: seen?.checkpoint.size ?? null,
    witness_key: renderNoteKey(witness.key),
  };
  const logKey = await findLogKey(ports, origin, input.logKey);
  const reason = await findReason(ports, input, { offered, seen, logKey });
  if (reason !== null || logKey === null) return { ...told, cosigned: false, reason, note: null };
  const atSeconds = Math.floor(ports.clock.nowMs() / 1000);
  const mine = cosignCheckpoint(offered.checkpoint, { key: witness.key, atSeconds }, (text) =>
    witness.signer.sign(text),
  );
  const theirs = findSignature(offered.note, logKey);
  const signatures = [...(theirs === null ? [] : [theirs]), mine];
  const note = renderNote({ text: offered.note.text, signatures });
  await ports.files.replaceFile(input.state, encodeUtf8(note));
  return { ...told, cosigned: true, reason: null, note };
}

async function findReason(
  ports: Ports,
  input: LedgerWitnessInput,
  matter: { readonly offered: ReadCheckpoint; readonly seen: ReadCheckpoint | null; readonly logKey: NoteKey | null },
): Promise<string | null> {
  const { offered, seen, logKey } = matter;
  if (logKey === null) return 'there is no key to check the log by: name the log’s with --log-key';
  if (logKey.name !== offered.checkpoint.origin || !isSignedBy(offered.note, logKey, ports.noteKeys.check)) {
    return `the checkpoint bears no good signature of the key of ${logKey.name}`;
  }
  // What a witness signs, it has understood whole.
  if (offered.note.text !== renderCheckpoint(offered.checkpoint)) return 'the checkpoint has lines beyond its root';
  const { size } = offered.checkpoint;
  const fetch = (wanted: Parameters<typeof readTreeNodes>[2]) =>
    readTreeNodes(ports.openPublishedLog(input.remote), size, wanted);
  const proof: readonly Uint8Array[] | PublishedFlaw = await proveGrowth(
    seen?.checkpoint ?? null,
    offered.checkpoint,
    fetch,
  );
  if ('missing' in proof) return `it cannot be shown to extend what was seen before: ${proof.missing}`;
  return judgeGrowth(seen?.checkpoint ?? null, offered.checkpoint, proof);
}

/** What this witness has seen; null before the first time. A state that it did not sign itself counts for nothing. */
async function readState(ports: Ports, file: string, key: NoteKey): Promise<ReadCheckpoint | null> {
  if (!(await ports.files.exists(file))) return null;
  const state = readCheckpoint(await ports.files.readFile(file, { maxBytes: maxNoteBytes }), file);
  if (isSignedBy(state.note, key, ports.noteKeys.check)) return state;
  throw new Fault<WitnessFaultCode>('WITNESS_STATE_INVALID', `${file} is not signed by this witness`, {
    mend: 'name the state that belongs to this key and name; a witness without its state must not sign',
    place: { file },
  });
}

function witnessKey(name: string, { publicKey }: NoteSigner): NoteKey {
  const key: NoteKey = { name, kind: noteKinds.cosignature, publicKey };
  if (parseNoteKey(renderNoteKey(key)) !== null) return key;
  throw new Fault<WitnessFaultCode>('WITNESS_NAME_INVALID', `${JSON.stringify(name)} cannot name a key`, {
    mend: 'choose a name without blanks and +, such as witness.example.org',
  });
}
