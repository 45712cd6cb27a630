import { bytesToHex } from '@noble/hashes/utils.js';
import { digestJson } from '../../canonical-json.js';
import { makeUlid } from '../../ids.js';
import { formatInstant } from '../../time.js';
import type { Change } from '../change.js';
import type { Trust } from '../keys/judge-trust.js';
import type { WorkingSpec } from '../working-spec.js';
import { type JudgedMatter, type ReachedVerdict, reachVerdict } from './reach-verdict.js';
import { capFindings, capPaths, withUnicodeTexts } from './record-findings.js';
import { recordGates } from './record-gates.js';
import type { AdvisoryReason, Verdict } from './verdict.js';
import { gatesCoverRule } from './waiver-gate.js';
import { type RefusedWaiver, sortWaivers } from './waiver-standing.js';

/** How the budget was measured, as the verdict states it. */
const measuringMethod =
  'git diff-tree --no-renames; an identical-blob rename is one file; deletions count; a line over 400 characters counts as one line per 100';

/** How a candidate is singled out, as the verdict states it. */
const choosingMethod =
  'each candidate is judged alone; the best outcome counts, then the fewest open findings, then the fewest lines, then the first';

/** Work as Arbiter saw it: digests of prompt, transcript and patch, and what its model calls came to. */
export interface WorkFacts {
  readonly promptSha256: string;
  readonly transcriptSha256: string;
  readonly outputSha256: string;
  readonly spent: { readonly microUsd: number; readonly inputTokens: number; readonly outputTokens: number } | null;
}

/** Everything that goes into a verdict. Digests are SHA-256 in hex; what could not be had is null. */
export interface VerdictFacts {
  readonly matter: JudgedMatter;
  readonly trust: Trust;
  readonly advisoryReasons: readonly AdvisoryReason[];
  /** Whether a store makes sure that no waiver is used twice (constitution §6). */
  readonly singleUse: 'enforced' | 'unenforced';
  readonly repositoryId: string;
  readonly task: { readonly id: string; readonly attempt: number } | null;
  /** 10 random bytes for the verdict's id. */
  readonly idBytes: Uint8Array;
  /** The verdict's id where it was settled before, by a use of a waiver that it holds. Null: a new one. */
  readonly heldId: string | null;
  /** 16 to 32 random bytes. */
  readonly nonceBytes: Uint8Array;
  readonly spec: { readonly spec: WorkingSpec; readonly sha256: string } | null;
  readonly policySha256: string | null;
  readonly configSha256: string | null;
  readonly base: Verdict['base'];
  readonly change: Pick<Change, 'tree' | 'contentSha256'> | null;
  readonly diffSha256: string | null;
  /** Who made the change, as they named themselves. */
  readonly worker: { readonly agent: string; readonly version: string; readonly model: string } | null;
  /** What Arbiter handed out, got back and metered; null where the work was not done under it. */
  readonly work: WorkFacts | null;
  /** Null where there was one candidate. */
  readonly judge: { readonly candidates: number; readonly candidate: number } | null;
  /** SHA-256 of the task's verdict before this one. */
  readonly previousSha256: string | null;
  readonly monotonicMs: number | null;
  /** Entries of the log at hand when this was decided. */
  readonly logSize: number | null;
  readonly planSha256: string | null;
  readonly rationaleSha256: string | null;
  readonly evidenceSha256: string | null;
  readonly engine: Verdict['engine'];
}

/**
 * The verdict as data, reached by `reachVerdict` over `facts.matter`. The same facts give the same verdict, whatever
 * the order of findings, gates and waivers.
 * @throws ID_INVALID, TIME_INVALID when id bytes or clock are out of range
 */
export function assembleVerdict(facts: VerdictFacts): Verdict {
  const reached = reachVerdict(facts.matter);
  const reasons = adviseOn(facts, reached);
  const { kept, omitted } = capFindings(reached.findings);
  const { change, matter, spec } = facts;
  return withUnicodeTexts<Verdict>({
    version: 2,
    verdict_id: idOf(facts),
    verdict: reached.outcome,
    trust: facts.trust,
    advisory: reasons.length > 0,
    advisory_reasons: reasons,
    repo_id: facts.repositoryId,
    task_id: facts.task?.id ?? null,
    attempt: facts.task?.attempt ?? null,
    nonce: bytesToHex(facts.nonceBytes),
    spec: spec && { id: spec.spec.id, sha256: spec.sha256, dialect: spec.spec.dialect, risk_tier: spec.spec.riskTier },
    policy: { sha256: facts.policySha256, config_sha256: facts.configSha256 },
    base: facts.base,
    change: change && { tree: change.tree, content_sha256: change.contentSha256, diff_sha256: facts.diffSha256 },
    budgets: recordBudgets(matter),
    scope: spec && { sha256: digestJson(withUnicodeTexts(spec.spec.scope)), violations: countScope(reached) },
    sandbox: weakestSandbox(matter),
    gates: recordGates(matter.gates),
    findings: [...kept],
    findings_omitted: omitted,
    waivers: recordWaivers(facts, reached),
    waivers_refused: recordRefused(matter, reached),
    waivers_needed: capPaths(reached.waiversNeeded),
    worker: recordWorker(facts),
    judge: facts.judge && { ...facts.judge, method: choosingMethod },
    plan_sha256: facts.planSha256,
    rationale_sha256: facts.rationaleSha256,
    evidence_sha256: facts.evidenceSha256,
    prev_verdict_sha256: facts.previousSha256,
    clock: { wall: formatInstant(matter.nowMs), monotonic_ms: facts.monotonicMs, log_size_before: facts.logSize },
    engine: facts.engine,
  });
}

function recordWorker({ worker, work }: VerdictFacts): Verdict['worker'] {
  if (worker === null) return null;
  const spent = work?.spent ?? null;
  return {
    agent: worker.agent,
    version: worker.version,
    model: worker.model,
    prompt_sha256: work?.promptSha256 ?? null,
    transcript_sha256: work?.transcriptSha256 ?? null,
    output_sha256: work?.outputSha256 ?? null,
    tokens: spent && { input: spent.inputTokens, output: spent.outputTokens },
    cost_micro_usd: spent?.microUsd ?? null,
  };
}

function idOf({ heldId, matter, idBytes }: VerdictFacts): string {
  return heldId ?? makeUlid(matter.nowMs, idBytes);
}

function adviseOn(facts: VerdictFacts, reached: ReachedVerdict): AdvisoryReason[] {
  const reasons = [...facts.advisoryReasons];
  if (facts.singleUse === 'unenforced' && reached.leanedOn.length > 0) {
    const ids = reached.leanedOn.map((waiver) => waiver.id).join(', ');
    reasons.push({
      kind: 'waiver-single-use',
      message: `it leans on ${ids}, and nothing counts the uses of a waiver outside of a task (arbiter run)`,
    });
  }
  return reasons;
}

function recordBudgets({ examination }: JudgedMatter): Verdict['budgets'] {
  const { budget } = examination;
  return budget && { limits: budget.limits, measured: budget.measured, source: budget.source, method: measuringMethod };
}

function countScope(reached: ReachedVerdict): number {
  return reached.findings.filter((finding) => finding.rule.startsWith('scope.')).length;
}

function weakestSandbox({ gates }: JudgedMatter): Verdict['sandbox'] {
  if (gates.some((gate) => gate.sandbox === 'none')) return 'none';
  return gates.some((gate) => gate.sandbox === 'bubblewrap') ? 'bubblewrap' : null;
}

function recordWaivers(facts: VerdictFacts, reached: ReachedVerdict): Verdict['waivers'] {
  const consumedBy = facts.singleUse === 'enforced' && reached.outcome === 'PASS' ? idOf(facts) : null;
  return reached.leanedOn.map(({ id, sha256, approverKeyId, expiresMs }) => ({
    id,
    sha256,
    approver_key_id: approverKeyId,
    expires: formatInstant(expiresMs),
    consumed_by: consumedBy,
    single_use: facts.singleUse,
  }));
}

// Old waivers that have nothing to do with this change would only be noise.
function recordRefused(matter: JudgedMatter, reached: ReachedVerdict): Verdict['waivers_refused'] {
  const refused = matter.waivers.filter((waiver): waiver is RefusedWaiver => waiver.standing === 'refused');
  return sortWaivers(refused)
    .filter(
      ({ gates, reason }) =>
        reason === 'malformed' || reached.waiversNeeded.some(({ rule }) => gatesCoverRule(gates, rule)),
    )
    .map(({ id, sha256, reason, detail }) => ({ id, sha256, reason, detail }));
}
