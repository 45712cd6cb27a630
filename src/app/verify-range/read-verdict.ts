import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import type { LogPlace } from '../../core/caws/publication/trailers.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { verdictNamespace } from '../../core/caws/verdict/verdict-yaml.js';
import { decodeUtf8, digestBytes } from '../../core/digest.js';
import { type ProvenPlace, provePlace } from '../../core/records/prove-place.js';
import { readVerdictForm } from '../verdict/verify-verdict.js';
import type { CoverDesk } from './cover-desk.js';
import { type VerdictClaim, checkInTime } from './prove-commit.js';
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

/**
 * Reads the verdict that a commit names, held against a keyring: the one of the commit's parent, or of later for a later
 * verdict. A key that has ended is asked for the time that the log proves. @throws GIT_FAILED
 */
export async function readVerdict(desk: CoverDesk, claim: VerdictClaim): Promise<ReadVerdict> {
  const { ports, git, index } = desk;
  const { trailers } = claim;
  const blobs = index.verdicts.get(trailers.verdictId);
  if (blobs === undefined) return nothing;
  const { yaml, signature, bundle } = await readFiles(git, blobs, trailers.log !== null);
  const { verdict, check } = readVerdictForm(yaml, 'verdict.yaml', ports.documents);
  return {
    verdictSha256: digestBytes(yaml),
    verdict,
    verdictFault: check.detail,
    verdictSignature:
      signature === null ? nothing.verdictSignature : await checkSignature(desk, claim, yaml, signature),
    place: trailers.log === null ? null : await findPlace(desk, claim, trailers.log, { verdict, yaml, bundle }),
  };
}

function checkSignature(
  { ports, nowMs, proofs }: CoverDesk,
  claim: VerdictClaim,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<SignatureState> {
  const allowedSigners = claim.keyring.signers;
  const check = { message, signature: decodeUtf8(signature) ?? '', namespace: verdictNamespace, allowedSigners };
  return checkInTime(
    (at) => ports.keyring.verify({ ...check, ...at }),
    nowMs,
    () => proofs.ofVerdict(claim),
  );
}

async function findPlace(
  { ports, nowMs, proofs }: CoverDesk,
  claim: VerdictClaim,
  log: LogPlace,
  { verdict, yaml, bundle }: { verdict: Verdict | null; yaml: Uint8Array; bundle: Uint8Array | null },
): Promise<ProvenPlace> {
  const { signers } = claim.keyring;
  const trust = { verdict, yaml, signers, checkEd25519: ports.keyring.checkEd25519 };
  const now = provePlace(log, bundle, { ...trust, nowMs });
  const proven = now.trouble === null ? null : await proofs.ofVerdict(claim);
  return proven === null ? now : provePlace(log, bundle, { ...trust, nowMs: proven.wallMs });
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
