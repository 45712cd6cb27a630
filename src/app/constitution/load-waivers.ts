import { checkWaiver } from '../../core/caws/dialects/check-value.js';
import type { SubmittedWaiver, WaiverSignature } from '../../core/caws/waiver.js';
import { digestBytes } from '../../core/digest.js';
import { isFault } from '../../core/fault.js';
import type { Documents } from '../../ports/documents.js';
import { type ConstitutionSource, isYamlPath, waiverFolder } from './constitution-files.js';

/**
 * What a `.sig` file proves over the exact bytes of a waiver, one answer for each signature in it, in its order; null
 * bytes for a waiver without such a file. At least one answer.
 */
export type CheckWaiverSignatures = (
  bytes: Uint8Array,
  signatures: Uint8Array | null,
) => Promise<readonly [WaiverSignature, ...WaiverSignature[]]>;

/**
 * Every waiver of the commit by path, whole or broken: which of them counts is for `assessWaiver`. A waiver that does
 * not load says why in `fault`.
 */
export async function loadWaivers(
  source: ConstitutionSource,
  documents: Documents,
  checkSignatures: CheckWaiverSignatures,
): Promise<readonly SubmittedWaiver[]> {
  const paths = [...(await source.listFiles(waiverFolder))].filter(isYamlPath).sort();
  const waivers: SubmittedWaiver[] = [];
  for (const path of paths) {
    const bytes = await source.readFile(path);
    if (bytes === null) continue;
    const [signature, ...cosignatures] = await checkSignatures(bytes, await source.readFile(`${path}.sig`));
    waivers.push({ path, sha256: digestBytes(bytes), ...readWaiver(documents, path, bytes), signature, cosignatures });
  }
  return waivers;
}

/** A waiver file's content, or why it has none. */
export function readWaiver(
  documents: Documents,
  path: string,
  bytes: Uint8Array,
): Pick<SubmittedWaiver, 'waiver' | 'fault'> {
  try {
    const { value, errors } = checkWaiver(documents.read(bytes, path).value);
    return { waiver: value, fault: value === null ? errors.map((error) => error.message).join('; ') : null };
  } catch (error) {
    if (!isFault(error, 'YAML_INVALID') && !isFault(error, 'YAML_REFUSED')) throw error;
    return { waiver: null, fault: error.message };
  }
}
