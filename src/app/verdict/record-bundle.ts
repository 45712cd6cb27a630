import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { refusesSignature } from '../../core/caws/verdict/verdict-yaml.js';
import { canonicalJson } from '../../core/canonical-json.js';
import { encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import { type Checkpoint, renderCheckpoint, signCheckpoint } from '../../core/ledger/checkpoint.js';
import { type NoteKey, noteKinds, renderNote } from '../../core/ledger/note.js';
import { verifyInclusion } from '../../core/ledger/proof.js';
import { hashLeaf } from '../../core/ledger/tree.js';
import { composeBundle, renderBundle } from '../../core/records/bundle.js';
import { type Envelope, paeOf, sealEnvelope, statementPayloadType } from '../../core/records/envelope.js';
import { entryOfEnvelope, readEnvelopeEntry } from '../../core/records/record-entry.js';
import { type Statement, encodeStatement, makeStatement } from '../../core/records/statement.js';
import { makeSummary } from '../../core/records/summary.js';
import type { Files } from '../../ports/files.js';
import type { InclusionProof, LedgerFaultCode, LedgerLog, PlacedEntry } from '../../ports/ledger-log.js';
import type { Signer } from '../../ports/signer.js';

export type RecordBundleFaultCode = 'LOG_KEY_SHARED';

/** Name of the bundle in a verdict's folder. */
export const bundleName = 'verdict.sigstore.json';
/** Name of the summary, a DSSE envelope that only a PASS has. */
const summaryName = 'verdict.svr.dsse.json';

/** What was written. `index` is the entry's place in the log; all are null for a verdict that is never signed. */
export interface RecordedBundle {
  readonly bundlePath: string | null;
  readonly summaryPath: string | null;
  readonly index: number | null;
  /** Why nothing was recorded; null when it was. */
  readonly unsigned: string | null;
}

/** What is recorded, by which keys, into which folder. */
export interface BundleToRecord {
  readonly verdict: Verdict;
  /** The verdict key. */
  readonly signer: Signer;
  /** The log's key, which is another. */
  readonly logSigner: Signer;
  readonly outDir: string;
}

/**
 * Enters a verdict into the log, proves that it stands there, has the log's key sign that state, and writes
 * `verdict.sigstore.json` beside `verdict.yaml` in one step; beside a PASS that counts, its summary too. The log is asked
 * first and the files come last, so that no bundle exists without its entry. Done again it writes the same
 * bytes, however far the log has grown; the entry is made once (key `<verdict_id>/verdict`). A verdict whose trust root is in doubt is
 * neither signed nor logged, and files of an earlier one are taken away.
 * @throws VERDICT_INVALID, LOG_KEY_SHARED, LEDGER_CONFLICT, LEDGER_CORRUPT, WRITE_FAILED
 */
export async function recordBundle(
  record: BundleToRecord,
  ports: { readonly files: Files; readonly ledger: LedgerLog },
): Promise<RecordedBundle> {
  const { verdict, signer, logSigner, outDir } = record;
  refuseSharedKey(signer, logSigner);
  const unsigned = refusesSignature(verdict);
  if (unsigned !== null) {
    await removeRecords(outDir, ports.files);
    return { bundlePath: null, summaryPath: null, index: null, unsigned };
  }
  const envelope = await seal(makeStatement(verdict), signer);
  const { placed, proof } = await enter(`${verdict.verdict_id}/verdict`, envelope, signer, ports.ledger);
  const checkpoint = { origin: await ports.ledger.origin(), size: proof.size, root: proof.root };
  const { logKey, note } = await signState(checkpoint, logSigner);
  const bundle = composeBundle(envelope, { bytes: placed.bytes, proof, checkpoint: note, logKey });
  const bundlePath = `${outDir}/${bundleName}`;
  const summaryPath = await writeSummary(record, ports.files);
  await ports.files.replaceFile(bundlePath, renderBundle(bundle));
  return { bundlePath, summaryPath, index: placed.index, unsigned: null };
}

/** One key in two roles would let whoever steals it make both the verdict and the log that vouches for it. */
function refuseSharedKey(signer: Signer, logSigner: Signer): void {
  if (signer.keyId !== logSigner.keyId) return;
  const message = `the log’s key is the verdict key ${signer.keyId}, and keys are never shared between roles`;
  throw new Fault<RecordBundleFaultCode>('LOG_KEY_SHARED', message, { mend: 'make a key of its own for the log' });
}

async function removeRecords(outDir: string, files: Files): Promise<void> {
  for (const name of [bundleName, summaryName]) await files.removeFile(`${outDir}/${name}`);
}

async function seal(statement: Statement, signer: Signer): Promise<Envelope> {
  const payload = encodeStatement(statement);
  const signature = await signer.signRaw(paeOf(statementPayloadType, payload));
  return sealEnvelope(payload, signer.keyId, () => signature);
}

/** What the log answers is held against what it was given: a bundle that no stranger accepts is not written. */
async function enter(
  key: string,
  envelope: Envelope,
  signer: Signer,
  ledger: LedgerLog,
): Promise<{ placed: PlacedEntry; proof: InclusionProof }> {
  const [placed] = await ledger.append([{ key, draft: entryOfEnvelope(envelope, signer.publicKeyRaw) }]);
  if (placed === undefined) throw corrupt(`the log answered no place for ${key}`);
  const recorded = readEnvelopeEntry(placed.bytes, envelope);
  if (typeof recorded === 'string') throw corrupt(`entry ${placed.index} is not what was appended: ${recorded}`);
  // Of the log as it was with this entry last, however far it has grown: who does it again writes the same bundle.
  const proof = await ledger.proveInclusion(placed.index, placed.index + 1);
  const claim = { index: placed.index, size: proof.size, leaf: hashLeaf(placed.bytes), root: proof.root };
  if (proof.index !== placed.index || !verifyInclusion(claim, proof.path))
    throw corrupt(`the log’s proof for entry ${placed.index} does not hold`);
  return { placed, proof };
}

async function signState(checkpoint: Checkpoint, logSigner: Signer): Promise<{ logKey: NoteKey; note: string }> {
  const logKey: NoteKey = { name: checkpoint.origin, kind: noteKinds.ed25519, publicKey: logSigner.publicKeyRaw };
  const text = renderCheckpoint(checkpoint);
  const signature = await logSigner.signRaw(encodeUtf8(text));
  return { logKey, note: renderNote({ text, signatures: [signCheckpoint(checkpoint, logKey, () => signature)] }) };
}

async function writeSummary({ verdict, signer, outDir }: BundleToRecord, files: Files): Promise<string | null> {
  const path = `${outDir}/${summaryName}`;
  const summary = makeSummary(verdict);
  if (summary === null) {
    await files.removeFile(path);
    return null;
  }
  await files.replaceFile(path, encodeUtf8(`${canonicalJson(await seal(summary, signer))}\n`));
  return path;
}

function corrupt(message: string): Fault<LedgerFaultCode> {
  return new Fault('LEDGER_CORRUPT', message, { mend: 'stop using this log, and check it with arbiter ledger verify' });
}
