import type { LogKeyFaultCode } from '../ledger/log-key.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { decodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import { type NoteKey, noteKinds, parseNoteKey } from '../../core/ledger/note.js';
import { type ProvenVerdict, proveVerdict } from '../../core/records/prove-verdict.js';
import { type ReadBundle, readBundle } from '../../core/records/read-bundle.js';
import type { Files } from '../../ports/files.js';
import type { Keyring } from '../../ports/keyring.js';
import type { TrustedKeyring } from './load-keyring.js';
import { bundleName } from './record-bundle.js';

const maxBundleBytes = 4 * 1024 * 1024;

/** The verdict that a bundle has to agree with, and what the bundle is believed by. */
export interface BundleToVerify {
  readonly file: string;
  readonly yaml: Uint8Array;
  readonly verdict: Verdict | null;
  readonly keyring: TrustedKeyring;
  /** The verifier key of the log that a person named; null when none was. */
  readonly logKey: NoteKey | null;
  readonly nowMs: number;
}

/**
 * The checks of `verdict.sigstore.json` where it lies beside a verdict file. Where it does not there are none, unless a
 * key of the log was given: whoever gives one wants to know that the verdict stands in that log. `proven` is what a log
 * of the keyring, or the one named, proves of the time.
 * @throws FILE_UNREADABLE, FILE_TOO_LARGE
 */
export async function verifyBundle(
  { file, yaml, verdict, keyring, logKey, nowMs }: BundleToVerify,
  ports: { readonly files: Files; readonly keyring: Keyring },
): Promise<ReadBundle & { readonly proven: ProvenVerdict | null }> {
  const path = file.replace(/[^/]*$/, bundleName);
  if (!(await ports.files.exists(path))) {
    if (logKey === null) return { checks: [], index: null, proven: null };
    const detail = `there is no ${path} that the log’s key could be held against`;
    return { checks: [{ check: 'bundle', passed: false, detail }], index: null, proven: null };
  }
  const bytes = await ports.files.readFile(path, { maxBytes: maxBundleBytes });
  const { checkEd25519 } = ports.keyring;
  const { signers } = keyring;
  const proven =
    verdict === null ? null : proveVerdict({ verdict, yaml, bundle: bytes }, { signers, checkEd25519, logKey });
  // A key that has ended since is asked for the time that the log proves; without a proof, for this moment.
  const trust = { verdict, yaml, signers, logKey, nowMs: proven?.wallMs ?? nowMs, checkEd25519 };
  return { ...readBundle(bytes, trust), proven };
}

/** Reads a file with one verifier key of a log, `name+hash+key`. @throws LOG_KEY_INVALID */
export function readLogKey(bytes: Uint8Array, file: string): NoteKey {
  const key = parseNoteKey(decodeUtf8(bytes) ?? '');
  if (key?.kind === noteKinds.ed25519) return key;
  const what = key === null ? 'holds no verifier key of a signed note' : 'holds the key of a witness, not of a log';
  throw new Fault<LogKeyFaultCode>('LOG_KEY_INVALID', `${file} ${what}`, {
    mend: 'give one line: name+hash+key, as the log’s owner published it',
    place: { file },
  });
}
