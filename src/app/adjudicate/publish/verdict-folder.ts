import type { LogPlace } from '../../../core/caws/publication/trailers.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import { verdictNamespace } from '../../../core/caws/verdict/verdict-yaml.js';
import { decodeUtf8, digestBytes } from '../../../core/digest.js';
import { Fault } from '../../../core/fault.js';
import { provePlace, readPlace } from '../../../core/records/prove-place.js';
import type { GitSession } from '../../../ports/git.js';
import type { Ports } from '../../../ports/ports.js';
import { type TrustedKeyring, loadKeyring } from '../../verdict/load-keyring.js';
import { bundleName } from '../../verdict/record-bundle.js';
import { readVerdictForm } from '../../verdict/verify-verdict.js';

export type VerdictFolderFaultCode = 'VERDICT_UNPUBLISHABLE';

/** A signed PASS with its change, every part held against the others, whose tree is sealed in the session. */
export interface PublishableVerdict {
  readonly verdict: Verdict;
  readonly base: string;
  readonly tree: string;
  readonly sha256: string;
  /** Files of the record, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly keyring: TrustedKeyring;
  /** Where it stands in a log, by the bundle beside it; null where there is none. */
  readonly place: LogPlace | null;
}

const maxDiffBytes = 512 * 1024 * 1024;

/**
 * Reads a verdict's folder and believes nothing of it unproved: form, signature by the base's own keyring, outcome,
 * repository, and that the patch makes the very tree that was judged, of the very content (ids of blobs are SHA-1).
 * @param keyringAt commit whose keyring counts; left out: the base's
 * @throws VERDICT_UNPUBLISHABLE, FILE_MISSING, PATCH_DOES_NOT_APPLY, UNKNOWN_REVISION where the base is not here
 */
export async function readVerdictFolder(
  ports: Ports,
  git: GitSession,
  folder: string,
  keyringAt?: string,
): Promise<PublishableVerdict> {
  const yaml = await ports.files.readFile(`${folder}/verdict.yaml`, { maxBytes: 1024 * 1024 });
  const { verdict, check } = readVerdictForm(yaml, 'verdict.yaml', ports.documents);
  if (verdict === null) throw unpublishable(check.detail);
  const { base, change } = requirePass(verdict);
  const repositoryId = await git.repositoryId(base.commit);
  if (verdict.repo_id !== repositoryId) throw unpublishable('it is about another repository');
  const read = (path: string): Promise<Uint8Array | null> => git.readFile(keyringAt ?? base.commit, path);
  const keyring = await loadKeyring({ repositoryId, nowMs: ports.clock.nowMs(), read }, ports.keyring, ports.documents);
  const signature = await checkSignature(ports, keyring, yaml, folder);
  const diff = await ports.files.readFile(`${folder}/change.diff`, { maxBytes: maxDiffBytes });
  if (digestBytes(diff) !== change.diff_sha256) throw unpublishable('change.diff is not the change that was judged');
  const tree = await git.sealPatch(base.commit, diff);
  if (tree !== change.tree) throw unpublishable(`the change makes tree ${tree}, and ${change.tree} was judged`);
  const { contentSha256 } = await git.measure(await git.resolveCommit(base.commit), tree, null);
  if (contentSha256 !== change.content_sha256)
    throw unpublishable(`the change holds content ${contentSha256}, and ${change.content_sha256} was judged`);
  const files = new Map([
    ['verdict.yaml', yaml],
    ['verdict.yaml.sig', signature],
    ['change.diff', diff],
  ]);
  const bundle = `${folder}/${bundleName}`;
  const found = (await ports.files.exists(bundle)) ? await ports.files.readFile(bundle) : null;
  if (found !== null) files.set(bundleName, found);
  const place = found === null ? null : requirePlace(ports, found, { verdict, yaml, signers: keyring.signers });
  return { verdict, base: base.commit, tree, sha256: digestBytes(yaml), files, keyring, place };
}

/** What the commit is to say must be what everybody will hold it against. @throws VERDICT_UNPUBLISHABLE */
function requirePlace(
  ports: Ports,
  bundle: Uint8Array,
  about: { readonly verdict: Verdict; readonly yaml: Uint8Array; readonly signers: TrustedKeyring['signers'] },
): LogPlace {
  const place = readPlace(bundle);
  if (place === null) throw unpublishable(`its ${bundleName} is not a bundle as Arbiter writes it`);
  const { checkEd25519 } = ports.keyring;
  const { trouble } = provePlace(place, bundle, { ...about, nowMs: ports.clock.nowMs(), checkEd25519 });
  if (trouble !== null) throw unpublishable(`its ${bundleName} does not hold: ${trouble}`);
  return place;
}

function requirePass(verdict: Verdict): {
  base: NonNullable<Verdict['base']>;
  change: NonNullable<Verdict['change']>;
} {
  const { base, change } = verdict;
  if (verdict.verdict !== 'PASS') throw unpublishable(`it is ${verdict.verdict}, and only a PASS is published`);
  if (verdict.advisory)
    throw unpublishable(`it only advises: ${verdict.advisory_reasons.map(({ message }) => message).join('; ')}`);
  if (base === null || change === null) throw unpublishable('it names no base and change');
  return { base, change };
}

async function checkSignature(
  ports: Ports,
  { signers, distrust }: TrustedKeyring,
  message: Uint8Array,
  folder: string,
): Promise<Uint8Array> {
  const path = `${folder}/verdict.yaml.sig`;
  if (!(await ports.files.exists(path))) throw unpublishable('it is not signed');
  if (distrust !== null) throw unpublishable(`no signature can be believed: ${distrust}`);
  const bytes = await ports.files.readFile(path, { maxBytes: 65_536 });
  const state = ports.keyring.verify({
    message,
    signature: decodeUtf8(bytes) ?? '',
    namespace: verdictNamespace,
    allowedSigners: signers,
    nowMs: ports.clock.nowMs(),
  });
  if (state.state !== 'valid') throw unpublishable(`its signature is ${state.state}: ${state.detail}`);
  return bytes;
}

/** The fault for a verdict that cannot be published, with why. */
export function unpublishable(why: string): Fault<VerdictFolderFaultCode> {
  return new Fault('VERDICT_UNPUBLISHABLE', `the verdict cannot be published: ${why}`, {
    mend: 'have the change examined again on the base that it is to land on (arbiter adjudicate, arbiter run)',
  });
}
