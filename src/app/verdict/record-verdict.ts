import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { refusesSignature, renderVerdict, verdictNamespace } from '../../core/caws/verdict/verdict-yaml.js';
import { digestBytes, encodeUtf8 } from '../../core/digest.js';
import type { Files } from '../../ports/files.js';
import type { Signer } from '../../ports/signer.js';

/** What was written. `unsigned` says why there is no signature; null when there is one. */
export interface RecordedVerdict {
  readonly verdictPath: string;
  readonly signaturePath: string | null;
  readonly sha256: string;
  readonly keyId: string | null;
  readonly unsigned: string | null;
}

/**
 * Writes `verdict.yaml` and its signature `verdict.yaml.sig` into a folder, each in one step and the signature first, so
 * that a crash leaves at worst a verdict that does not verify. A verdict whose trust root is in doubt is never signed;
 * the signature of an earlier verdict in that folder then gives way to a line that says so.
 * @param record.signer null when there is no key
 * @throws VERDICT_INVALID, WRITE_FAILED
 */
export async function recordVerdict(
  record: { readonly verdict: Verdict; readonly signer: Signer | null; readonly outDir: string },
  files: Files,
): Promise<RecordedVerdict> {
  const bytes = renderVerdict(record.verdict);
  const verdictPath = `${record.outDir}/verdict.yaml`;
  const signaturePath = `${verdictPath}.sig`;
  const unsigned = refusesSignature(record.verdict) ?? (record.signer === null ? 'there is no verdict key' : null);
  const sha256 = digestBytes(bytes);
  if (unsigned === null && record.signer !== null) {
    const signature = await record.signer.sign(verdictNamespace, bytes);
    await files.replaceFile(signaturePath, encodeUtf8(signature));
    await files.replaceFile(verdictPath, bytes);
    return { verdictPath, signaturePath, sha256, keyId: record.signer.keyId, unsigned: null };
  }
  // A signature of an earlier verdict must not stand beside this one as if it were its own.
  if (await files.exists(signaturePath)) await files.replaceFile(signaturePath, encodeUtf8(`unsigned: ${unsigned}\n`));
  await files.replaceFile(verdictPath, bytes);
  return { verdictPath, signaturePath: null, sha256, keyId: null, unsigned };
}
