import type { Change } from '../../core/caws/change.js';
import type { Examination } from '../../core/caws/examine/examination.js';
import { examineUnmeasured } from '../../core/caws/examine/git-failure.js';
import type { FileFacts } from '../../core/caws/file-facts.js';
import { sortFindings } from '../../core/caws/finding.js';
import { judgeRationale } from '../../core/caws/gate/judge-rationale.js';
import { type ReviewSignature, examineReview } from '../../core/caws/verdict/examine-review.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { Fault, isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OperationContext } from '../operation.js';
import type { WaiverDesk } from '../waivers/gather-waivers.js';
import { type Constitution, admit } from './admit.js';
import type { Candidate, CandidateFaultCode } from './candidate.js';
import { decide } from './decide.js';
import { type Deliberation, deliberate } from './deliberate.js';
import { examineChange } from './examine-change.js';
import { type VerdictKey, loadVerdictKey } from './load-verdict-key.js';
import type { SubmittedPlea } from './read-plea.js';
import { readReview } from './read-review.js';

/** A candidate before its judge: what it is, what it is judged by, what its worker pleads, and who will sign. */
export interface Case {
  readonly candidate: Candidate;
  readonly constitution: Constitution;
  readonly plea: SubmittedPlea;
  readonly key: VerdictKey | null;
  readonly review: ReviewSignature;
}

/**
 * Reads everything that the candidate is judged by from its base.
 * @throws what `admit` and `loadVerdictKey` throw
 */
export async function openCase(
  ports: Ports,
  git: GitSession,
  brought: {
    readonly candidate: Candidate;
    readonly plea: SubmittedPlea;
    readonly spec: string | undefined;
    readonly key: string | undefined;
    readonly review: string | undefined;
    /** Where waivers that were submitted are found and uses are counted; left out: nowhere. */
    readonly desk?: WaiverDesk;
  },
): Promise<Case> {
  const { candidate, plea } = brought;
  const workers = plea.worker === null ? [] : [plea.worker.agent];
  const desk = brought.desk ?? null;
  const constitution = await admit(ports, git, candidate, { spec: brought.spec, needsSpec: true, workers, desk });
  const key = await loadVerdictKey(ports, git, brought.key, constitution);
  const review = await readReview(ports, brought.review, candidate, constitution);
  return { candidate, constitution, plea, key, review };
}

/** What measuring and examining have left; the change is null when git could not measure it. */
export interface ExaminedCase {
  readonly change: Change | null;
  readonly examination: Examination;
  readonly facts: readonly FileFacts[];
}

/** A git error or timeout while measuring is a FAIL with its reason, never an empty change (constitution §3). */
export async function examineCase(
  ports: Ports,
  git: GitSession,
  { candidate, constitution, plea, review }: Case,
  { progress }: OperationContext,
): Promise<ExaminedCase> {
  const examined = await measureAndExamine();
  const { spec } = constitution;
  const reviewed =
    spec === null ? [] : examineReview({ riskTier: spec.riskTier, signature: review, workers: constitution.workers });
  const findings = [...constitution.findings, ...examined.examination.findings, ...reviewed];
  return { ...examined, examination: { ...examined.examination, findings: sortFindings(findings) } };

  async function measureAndExamine(): Promise<ExaminedCase> {
    try {
      const change = await git.measure(candidate.base, candidate.tree, candidate.head);
      if (change.files.length === 0 && constitution.findings.length === 0) throw refuseEmpty(candidate);
      progress.stage('examine', `files: ${change.totals.files}, lines: ${change.totals.loc}`);
      const { examination, facts } = await examineChange(ports, git, change, constitution, plea.plan);
      const rationale = plea.rationale === null ? [] : judgeRationale(plea.rationale, change, constitution.spec);
      return { change, facts, examination: { ...examination, findings: [...examination.findings, ...rationale] } };
    } catch (error) {
      if (!isFault(error, 'GIT_FAILED') && !isFault(error, 'GIT_TIMEOUT')) throw error;
      return { change: null, facts: [], examination: examineUnmeasured(error.message) };
    }
  }
}

/** Runs the gates on an examined case; nothing is run on a change that git could not measure. */
export async function deliberateCase(
  ports: Ports,
  git: GitSession,
  { constitution, plea }: Case,
  examined: ExaminedCase,
  context: OperationContext,
): Promise<Deliberation> {
  const { change, facts } = examined;
  if (change === null) return { gates: [], findings: [] };
  return deliberate(ports, git, { change, facts, constitution, plea }, context);
}

/** What names a verdict: the task that it belongs to, and the bytes of chance. */
export interface VerdictNaming {
  readonly task: { readonly id: string; readonly attempt: number } | null;
  readonly idBytes: Uint8Array;
  /** Left out: a new id of those bytes. */
  readonly heldId?: string;
  readonly nonceBytes: Uint8Array;
  readonly diffSha256: string | null;
  readonly monotonicMs: number;
  /** What only a task knows: left out for a change that somebody brought. */
  readonly course?: TaskCourse;
}

/** Where in its task a verdict stands. */
export interface TaskCourse {
  /** Null where there was one candidate. */
  readonly judge: { readonly candidates: number; readonly candidate: number } | null;
  readonly previousSha256: string | null;
  /** Null where nobody looked at the log. */
  readonly logSize: number | null;
}

/** Reaches the verdict; nothing is signed or written. Deliberation is null where the examination left nothing to ask. */
export function decideCase(
  ports: Ports,
  git: GitSession,
  { candidate, constitution, plea, key }: Case,
  examined: ExaminedCase,
  deliberation: Deliberation | null,
  { course, ...naming }: VerdictNaming,
): Verdict {
  const findings = sortFindings([...examined.examination.findings, ...(deliberation?.findings ?? [])]);
  return decide({
    repositoryId: constitution.repositoryId ?? '',
    candidate,
    constitution: key === null ? withoutKey(constitution) : constitution,
    plea,
    change: examined.change,
    examination: { ...examined.examination, findings },
    gates: deliberation?.gates ?? [],
    deliberated: deliberation !== null,
    trust: key?.trust ?? 'local',
    engine: { ...ports.engine, git: git.version },
    nowMs: constitution.nowMs,
    judge: course?.judge ?? null,
    previousSha256: course?.previousSha256 ?? null,
    logSize: course?.logSize ?? null,
    ...naming,
    heldId: naming.heldId ?? null,
  });
}

/** A verdict on nothing would be a PASS that says nothing. */
function refuseEmpty(candidate: Candidate): Fault<CandidateFaultCode> {
  return new Fault('NOTHING_CHANGED', `the candidate equals the base ${candidate.base.id.slice(0, 12)}`, {
    mend: 'change something first, or name another base or head; arbiter gates check shows that the gates are alive',
  });
}

function withoutKey(constitution: Constitution): Constitution {
  const message = 'there is no verdict key, so that it is not signed: run arbiter init, or name one with --key';
  return { ...constitution, advisoryReasons: [...constitution.advisoryReasons, { kind: 'other', message }] };
}
