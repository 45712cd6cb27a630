import type { AdvisoryReason } from '../../core/caws/verdict/verdict.js';
import type { AssessedWaiver, WaiverContext } from '../../core/caws/verdict/waiver-standing.js';
import { assessWaiver } from '../../core/caws/verdict/assess-waiver.js';
import type { WaiverSignature } from '../../core/caws/waiver.js';
import { type Finding, type Rule, findingOf } from '../../core/caws/finding.js';
import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { decodeUtf8 } from '../../core/digest.js';
import { Fault, isFault } from '../../core/fault.js';
import type { CommitFacts, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import { type LoadedConstitution, loadConstitution } from '../constitution/load-constitution.js';
import { type WaiverDesk, gatherWaivers } from '../waivers/gather-waivers.js';
import { type TrustedKeyring, loadKeyring } from '../verdict/load-keyring.js';
import type { Candidate } from './candidate.js';
import { type ChosenSpec, type SpecChoiceFaultCode, chooseSpec } from './choose-spec.js';

const closedRule: Rule = {
  id: 'spec.closed',
  clause: 'CAWS lifecycle of a spec',
  severity: 'block',
  why: 'a spec that is closed or archived allows no further change',
  mend: 'write a new spec, or have a human reopen this one at the base',
};

/** Everything that a change is judged by, all of it read from the base commit (constitution §3, Trust root). */
export interface Constitution extends Omit<LoadedConstitution, 'waivers'> {
  /** Null in a shallow clone that is only examined. */
  readonly repositoryId: string | null;
  readonly waivers: readonly AssessedWaiver[];
  /** What waivers are assessed by. */
  readonly waiverContext: WaiverContext;
  /** Whether the uses of waivers are counted: only where there is a store. */
  readonly singleUse: 'enforced' | 'unenforced';
  /** Everyone who made the change: none of them may approve it. */
  readonly workers: readonly string[];
  /** Why the result only advises. */
  readonly advisoryReasons: readonly AdvisoryReason[];
  /** The one instant at which everything is judged. */
  readonly nowMs: number;
  /** Checks a signature by the keyring of the base; one that is not trusted knows nobody, and says why. */
  readonly checkSignature: (message: Uint8Array, armored: Uint8Array | string, namespace: string) => SignatureState;
}

export interface AdmitOptions {
  readonly spec: string | undefined;
  /** Without a spec: a fault when true; else budget, scope and mode are not judged. */
  readonly needsSpec: boolean;
  /** Names that the worker goes by; with the authors of the change's commits, none of them may approve a waiver for it. */
  readonly workers: readonly string[];
  /** Where submitted waivers are found and uses are counted; null or left out: only waivers of the base count. */
  readonly desk?: WaiverDesk | null;
}

/**
 * Reads the constitution at the candidate's base. An invalid file there is a finding; a missing spec is a fault when
 * one is needed. @throws SPEC_NOT_FOUND, SPEC_AMBIGUOUS, SPEC_MISSING, GIT_FAILED, PINNED_ROOT_UNREADABLE
 */
export async function admit(
  ports: Ports,
  git: GitSession,
  candidate: Candidate,
  options: AdmitOptions,
): Promise<Constitution> {
  const { base } = candidate;
  const nowMs = ports.clock.nowMs();
  const repositoryId = await identify(git, base, options);
  const read = (path: string): Promise<Uint8Array | null> => git.readFile(base.id, path);
  const keyring = await loadKeyring({ repositoryId, nowMs, read }, ports.keyring, ports.documents);
  const checkSignature = signatureChecker(ports, keyring, nowMs);
  const checkSignatures = (bytes: Uint8Array, armored: Uint8Array | null) =>
    checkWaiver(ports, checkSignature, bytes, armored);
  const chosen = await chooseAny(ports, git, base, options);
  const loaded = await loadConstitution(
    chosen.source,
    ports.documents,
    async (bytes, armored) => checkSignatures(bytes, armored),
    chosen.choice,
  );
  if (loaded.specPath === null && options.needsSpec) throw refuseWithoutSpec(base);
  const { spec, policy, config } = loaded;
  const authors = candidate.head === null ? [] : await git.listAuthors(base.id, candidate.head);
  const gathered = await gatherWaivers(ports.documents, options.desk ?? null, {
    repositoryId,
    specId: spec?.id ?? null,
    nowMs,
    ofBase: loaded.waivers,
    checkSignatures,
  });
  const context: WaiverContext = {
    nowMs,
    specId: spec?.id ?? null,
    riskTier: spec?.riskTier ?? 1,
    policy,
    approvers: config.approvers,
    workers: [...options.workers, ...authors],
    repositoryId,
    ...gathered.context,
  };
  return {
    ...loaded,
    repositoryId,
    workers: context.workers,
    waivers: gathered.waivers.map((waiver) => assessWaiver(waiver, context)),
    waiverContext: context,
    singleUse: gathered.singleUse,
    findings: [...loaded.findings, ...examineLifecycle(loaded)],
    advisoryReasons: await distrustBase(git, base, chosen.distrust),
    nowMs,
    checkSignature,
  };
}

/** A shallow clone does not know what repository it is: a verdict needs that, an examination does not. */
async function identify(git: GitSession, base: CommitFacts, options: AdmitOptions): Promise<string | null> {
  try {
    return await git.repositoryId(base.id);
  } catch (error) {
    if (options.needsSpec || !isFault(error, 'GIT_FAILED')) throw error;
    return null;
  }
}

async function chooseAny(ports: Ports, git: GitSession, base: CommitFacts, options: AdmitOptions): Promise<ChosenSpec> {
  const source = {
    readFile: (path: string) => git.readFile(base.id, path),
    listFiles: async (folder: string) => (await git.listFiles(base.id, folder)).map((entry) => entry.path),
  };
  try {
    return await chooseSpec(ports, source, options.spec);
  } catch (error) {
    // Several open specs and none named: examine goes on with what needs no spec.
    if (options.needsSpec || !isFault(error, 'SPEC_AMBIGUOUS')) throw error;
    return { choice: 'only', source: { ...source, listFiles: async () => [] }, distrust: null };
  }
}

function refuseWithoutSpec(base: CommitFacts): Fault<SpecChoiceFaultCode> {
  return new Fault('SPEC_MISSING', `the base ${base.id.slice(0, 12)} has no open working spec`, {
    mend: 'run arbiter init and arbiter spec new, and commit .caws; or use arbiter examine, which needs no spec',
  });
}

function signatureChecker(ports: Ports, keyring: TrustedKeyring, nowMs: number): Constitution['checkSignature'] {
  const { signers: allowedSigners, distrust } = keyring;
  return (message, armored, namespace) => {
    const signature = typeof armored === 'string' ? armored : decodeUtf8(armored);
    if (signature === null) return { state: 'broken', detail: 'the signature is not UTF-8' };
    const state = ports.keyring.verify({ message, signature, namespace, allowedSigners, nowMs });
    return state.state === 'foreign' && distrust !== null ? { state: 'foreign', detail: distrust } : state;
  };
}

function checkWaiver(
  ports: Ports,
  check: Constitution['checkSignature'],
  message: Uint8Array,
  armored: Uint8Array | null,
): [WaiverSignature, ...WaiverSignature[]] {
  const unsigned: WaiverSignature = { state: 'unsigned', detail: 'it bears no signature of an approver' };
  const text = armored === null ? null : decodeUtf8(armored);
  if (text === null) return [unsigned];
  const [first, ...rest] = ports.keyring.splitSignatures(text).map((one) => check(message, one, 'caws-waiver'));
  return [first ?? unsigned, ...rest];
}

function examineLifecycle({ spec, specPath }: LoadedConstitution): Finding[] {
  if (spec === null || (spec.lifecycle !== 'closed' && spec.lifecycle !== 'archived')) return [];
  return [findingOf(closedRule, `the spec ${spec.id} is ${spec.lifecycle}`, { path: specPath })];
}

/** The base must be the protected ref or an ancestor of it; the spec must be the base's own. */
async function distrustBase(git: GitSession, base: CommitFacts, spec: string | null): Promise<AdvisoryReason[]> {
  const reasons: AdvisoryReason[] = spec === null ? [] : [{ kind: 'trust-root', message: spec }];
  const tip = await git.protectedTip();
  if (tip === null) {
    reasons.push({ kind: 'trust-root', message: 'there is no protected ref (origin/HEAD, main or master)' });
  } else if (!(await git.isAncestor(base.id, tip.commit))) {
    reasons.push({
      kind: 'trust-root',
      message: `the base ${base.id.slice(0, 12)} is not on the protected ref ${tip.ref}`,
    });
  }
  return reasons;
}
