import { decodeBase64 } from '../base64.js';
import { type AllowedSigners, findSigner } from '../caws/keys/allowed-signers.js';
import type { Verdict } from '../caws/verdict/verdict.js';
import type { VerdictCheck } from '../caws/verdict/verification.js';
import { verdictNamespace } from '../caws/verdict/verdict-yaml.js';
import { decodeUtf8, digestBytes } from '../digest.js';
import type { CheckEd25519 } from '../ledger/checkpoint.js';
import type { NoteKey } from '../ledger/note.js';
import { type Bundle, parseBundle } from './bundle.js';
import { checkCheckpoint, checkInclusion } from './check-log.js';
import { openEnvelope, paeOf } from './envelope.js';
import { readCanonical, spell } from './read-canonical.js';
import { readEnvelopeEntry } from './record-entry.js';
import { sshKeyOf } from './public-key.js';
import { type Statement, statementSchema, subjectsOf, verdictPredicateType } from './statement.js';

/** What a bundle is held against. */
export interface BundleTrust {
  /** The verdict of the human copy, and the bytes of that copy; null when the copy is no verdict. */
  readonly verdict: Verdict | null;
  readonly yaml: Uint8Array;
  /** Who may sign verdicts. */
  readonly signers: AllowedSigners;
  /** The verifier key of the log; null where none is known. */
  readonly logKey: NoteKey | null;
  readonly nowMs: number;
  readonly checkEd25519: CheckEd25519;
}

/** What came of a bundle. */
export interface ReadBundle {
  readonly checks: readonly VerdictCheck[];
  /** Where in the log this verdict is proven to stand; null unless entry, inclusion and checkpoint all hold. */
  readonly index: number | null;
}

/**
 * Checks a bundle's file and says each finding in words: form, signature, what it is about, that it says what the human
 * copy says, that the log's entry is of this envelope, that the entry is in the tree, that the log signed that tree. All
 * checks are made, whatever the others say; of a file that is no bundle there is one. Total.
 */
export function readBundle(bytes: Uint8Array, trust: BundleTrust): ReadBundle {
  const bundle = parseBundle(bytes);
  if (typeof bundle === 'string') return { checks: [fail('bundle', bundle)], index: null };
  const entry = bundle.verificationMaterial.tlogEntries[0];
  const body = decodeBase64(entry.canonicalizedBody) ?? new Uint8Array();
  const recorded = readEnvelopeEntry(body, bundle.dsseEnvelope);
  const standing = [
    checkRecorded(recorded),
    checkInclusion(entry, body, trust.logKey),
    checkCheckpoint(entry, trust.logKey, trust.checkEd25519),
  ];
  // What was signed before its key was stolen stands before the revocation in the log, and still counts.
  const index = standing.every(({ passed }) => passed === true) ? Number(entry.logIndex) : null;
  const checks = [
    pass('bundle', 'a Sigstore bundle v0.3 in the one spelling that Arbiter writes'),
    checkEnvelope(bundle, typeof recorded === 'string' ? null : recorded.key, { ...trust, ledgerIndex: index }),
    ...checkStatement(bundle, trust),
    ...standing,
  ];
  return { checks, index };
}

function checkRecorded(recorded: ReturnType<typeof readEnvelopeEntry>): VerdictCheck {
  return typeof recorded === 'string'
    ? fail('entry', `the log’s entry is not of this envelope: ${recorded}`)
    : pass('entry', 'the log’s entry records this very envelope and its key');
}

/** The signature has to be over the envelope's bytes, by a key that the keyring lets sign verdicts now. */
function checkEnvelope(
  bundle: Bundle,
  key: Uint8Array | null,
  trust: BundleTrust & { readonly ledgerIndex: number | null },
): VerdictCheck {
  const opened = openEnvelope(bundle.dsseEnvelope);
  if (opened === null) return fail('envelope', 'its base64 is not the one spelling of its bytes');
  if (key === null) return fail('envelope', 'which key signed it is not known, as the log’s entry is not of it');
  const ssh = sshKeyOf(key);
  const hints = [opened.keyId, bundle.verificationMaterial.publicKey.hint];
  if (hints.some((hint) => hint !== ssh.keyId)) return fail('envelope', `it names another key than ${ssh.keyId}`);
  const message = paeOf(bundle.dsseEnvelope.payloadType, opened.payload);
  if (!trust.checkEd25519(key, message, opened.signature))
    return fail('envelope', `the signature by key ${ssh.keyId} is not over these bytes`);
  const { nowMs, ledgerIndex } = trust;
  const state = findSigner(trust.signers, ssh, { namespace: verdictNamespace, nowMs, ledgerIndex });
  return state.state === 'valid'
    ? pass('envelope', `the statement is signed by ${state.signer} with key ${state.keyId}`)
    : fail('envelope', `${state.state}: ${state.detail}`);
}

/** The statement has to be about this copy, and to say what it says. */
function checkStatement(bundle: Bundle, { verdict, yaml }: BundleTrust): VerdictCheck[] {
  const payload = openEnvelope(bundle.dsseEnvelope)?.payload ?? new Uint8Array();
  const statement = readStatement(payload);
  if (typeof statement === 'string') return [fail('subjects', statement), fail('predicate', statement)];
  const copy = statement.subject.find(({ name }) => name === 'verdict.yaml')?.digest['sha256'];
  if (copy !== digestBytes(yaml)) return [fail('subjects', 'it is about another verdict.yaml than this one')];
  if (verdict === null) return [fail('predicate', 'the file beside it is no verdict that it could agree with')];
  return [checkSubjects(statement, verdict), checkPredicate(statement, verdict)];
}

function readStatement(payload: Uint8Array): Statement | string {
  const read = readCanonical(statementSchema, decodeUtf8(payload));
  if (typeof read === 'string') return `it holds no in-toto statement of ours: ${read}`;
  const { predicateType } = read.value;
  return predicateType === verdictPredicateType
    ? read.value
    : `it states something else than a verdict: ${predicateType}`;
}

function checkSubjects(statement: Statement, verdict: Verdict): VerdictCheck {
  return spell(statement.subject) === spell(subjectsOf(verdict))
    ? pass('subjects', 'it is about the tree, the base, the diff and the verdict.yaml of this verdict')
    : fail('subjects', 'it is about another tree, base or diff than the verdict');
}

function checkPredicate(statement: Statement, verdict: Verdict): VerdictCheck {
  return spell(statement.predicate) === spell(verdict)
    ? pass('predicate', 'it says what verdict.yaml says, value by value')
    : fail('predicate', 'it says something else than verdict.yaml');
}

function pass(check: VerdictCheck['check'], detail: string): VerdictCheck {
  return { check, passed: true, detail };
}

function fail(check: VerdictCheck['check'], detail: string): VerdictCheck {
  return { check, passed: false, detail };
}
