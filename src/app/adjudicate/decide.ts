import type { Examination } from '../../core/caws/examine/examination.js';
import type { Change } from '../../core/caws/change.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { type VerdictFacts, assembleVerdict } from '../../core/caws/verdict/assemble-verdict.js';
import type { Trust } from '../../core/caws/keys/judge-trust.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import type { Candidate } from './candidate.js';
import type { Constitution } from './admit.js';
import type { SubmittedPlea } from './read-plea.js';

/** Everything that the stages before have left. */
export interface Matter {
  readonly repositoryId: string;
  readonly candidate: Candidate;
  readonly constitution: Constitution;
  readonly plea: SubmittedPlea;
  /** Null when git could not measure the change. */
  readonly change: Change | null;
  readonly diffSha256: string | null;
  readonly examination: Examination;
  readonly gates: readonly GateOutcome[];
  /** False when no gate was asked, because the examination blocks already. */
  readonly deliberated: boolean;
  readonly trust: Trust;
  readonly engine: VerdictFacts['engine'];
  readonly nowMs: number;
  /** The task that the verdict belongs to, null for a change that somebody brought. */
  readonly task: { readonly id: string; readonly attempt: number } | null;
  /** 10 random bytes of the verdict's id. */
  readonly idBytes: Uint8Array;
  /** The id that a use of a waiver holds for this verdict already; null for a new one. */
  readonly heldId: string | null;
  readonly nonceBytes: Uint8Array;
  readonly judge: VerdictFacts['judge'];
  readonly previousSha256: string | null;
  readonly monotonicMs: number;
  readonly logSize: number | null;
}

/** Reaches the verdict from what the stages before have left: pure, the same matter gives the same bytes. */
export function decide(matter: Matter): Verdict {
  const { constitution, candidate, plea, change } = matter;
  return assembleVerdict({
    matter: {
      examination: matter.examination,
      gates: matter.gates,
      mandatoryGates: mandatoryGates(matter),
      waivers: constitution.waivers,
      nowMs: matter.nowMs,
    },
    trust: matter.trust,
    advisoryReasons: constitution.advisoryReasons,
    singleUse: constitution.singleUse,
    repositoryId: matter.repositoryId,
    task: matter.task,
    idBytes: matter.idBytes,
    heldId: matter.heldId,
    nonceBytes: matter.nonceBytes,
    spec:
      constitution.spec === null || constitution.specSha256 === null
        ? null
        : { spec: constitution.spec, sha256: constitution.specSha256 },
    policySha256: constitution.policySha256,
    configSha256: constitution.configSha256,
    base: { commit: candidate.base.id, tree: candidate.base.tree },
    change: change === null ? null : { tree: change.tree, contentSha256: change.contentSha256 },
    diffSha256: matter.diffSha256,
    worker: plea.worker,
    work: plea.work,
    judge: matter.judge,
    previousSha256: matter.previousSha256,
    monotonicMs: matter.monotonicMs,
    logSize: matter.logSize,
    planSha256: plea.planSha256,
    rationaleSha256: plea.rationaleSha256,
    evidenceSha256: plea.evidenceSha256,
    engine: matter.engine,
  });
}

/** A gate that was not asked is missed only where nothing else blocks: there its absence must never read as a pass. */
function mandatoryGates({ constitution, deliberated, examination }: Matter): string[] {
  if (!deliberated && examination.findings.some((finding) => finding.severity === 'block')) return [];
  return Object.entries(constitution.config.gates)
    .filter(([, gate]) => gate.mandatory)
    .map(([name]) => name);
}
