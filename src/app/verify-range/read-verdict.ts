import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import type { VerdictTrailers } from '../../core/caws/publication/trailers.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { verdictNamespace } from '../../core/caws/verdict/verdict-yaml.js';
import { decodeUtf8, digestBytes } from '../../core/digest.js';
import { type ProvenPlace, provePlace } from '../../core/records/prove-place.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { readVerdictForm } from '../verdict/verify-verdict.js';
import type { CoverDesk } from './cover-desk.js';
import type { RecordedVerdict } from './read-record.js';

/** What the record holds under a verdict's id. Nothing is refused yet; what could not be had is null. */
export interface ReadVerdict {
  readonly verdictSha256: string | null;
  readonly verdict: Verdict | null;
  readonly verdictFault: string | null;
  readonly verdictSignature: SignatureState;
  /** Whether the bundle proves the place in a log that the commit names; null where it names none. */
  readonly place: ProvenPlace | null;
}

const nothing: ReadVerdict = {
  verdictSha256: null,
  verdict: null,
  verdictFault: null,
  verdictSignature: { state: 'foreign', detail: 'there is no signature beside it' },
  place: null,
};

/** Reads the verdict that a commit names, held against the keyring of the commit's parent. @throws GIT_FAILED */
export async function readVerdict(
  { ports, git, index, nowMs }: CoverDesk,
  { trailers, keyring }: { readonly trailers: VerdictTrailers; readonly keyring: TrustedKeyring },
): Promise<ReadVerdict> {
  const blobs = index.verdicts.get(trailers.verdictId);
  if (blobs === undefined) return nothing;
  const { yaml, signature, bundle } = await readFiles(git, blobs, trailers.log !== null);
  const { verdict, check } = readVerdictForm(yaml, 'verdict.yaml', ports.documents);
  const signers = keyring.signers;
  const { checkEd25519 } = ports.keyring;
  const place =
    trailers.log === null ? null : provePlace(trailers.log, bundle, { verdict, yaml, signers, nowMs, checkEd25519 });
  return {
    verdictSha256: digestBytes(yaml),
    verdict,
    verdictFault: check.detail,
    verdictSignature:
      signature === null
        ? nothing.verdictSignature
        : ports.keyring.verify({
            message: yaml,
            signature: decodeUtf8(signature) ?? '',
            namespace: verdictNamespace,
            allowedSigners: signers,
            nowMs,
          }),
    place,
  };
}

/** One request for all: a range of ten thousand commits asks ten thousand times. */
async function readFiles(
  git: CoverDesk['git'],
  { yaml, signature, bundle }: RecordedVerdict,
  withBundle: boolean,
): Promise<{ yaml: Uint8Array; signature: Uint8Array | null; bundle: Uint8Array | null }> {
  const ids = [yaml, signature, withBundle ? bundle : null].filter((id) => id !== null);
  const contents = await git.readBlobs(ids);
  const byId = new Map(ids.map((id, index) => [id, contents[index] ?? null]));
  const of = (id: string | null): Uint8Array | null => (id === null ? null : (byId.get(id) ?? null));
  return { yaml: of(yaml) ?? new Uint8Array(), signature: of(signature), bundle: of(bundle) };
}
