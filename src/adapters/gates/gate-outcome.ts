import { createHash } from 'node:crypto';
import { findingOf } from '../../core/caws/finding.js';
import { type GateJudgement, judgementOf } from '../../core/caws/gate/gate-judgement.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { notRunRule } from '../../core/caws/gate/gate-rules.js';
import type { NamedGate } from './deliberation.js';
import type { GateRoom } from './gate-room.js';
import { reportDigest } from './read-reports.js';
import type { GateProcess } from './run-gate.js';

/** The outcome of a gate that ran: the judges' part and what was measured around it. */
export function outcomeOf(
  room: Pick<GateRoom, 'toolchain' | 'sandboxName' | 'dependencies'>,
  { name, gate }: NamedGate,
  process: GateProcess,
  judgement: GateJudgement,
): GateOutcome {
  return {
    ...judgement,
    name,
    kind: gate.kind,
    mandatory: gate.mandatory,
    argvSha256: sha256(JSON.stringify(gate.command)),
    toolchainSha256: toolchainDigest(room),
    sandbox: room.sandboxName,
    startedMs: process.startedMs,
    endedMs: process.endedMs,
    exit: process.exit,
    reportSha256: reportDigest(process),
    metrics: { ...judgement.metrics },
    findings: [...judgement.findings],
  };
}

/** The outcome of a gate that could not be run at all. */
export function notRunOutcome({ name, gate }: NamedGate, reason: string, mend?: string): GateOutcome {
  const finding = findingOf(notRunRule, `gate ${name} was not run: ${reason}`, mend === undefined ? {} : { mend });
  return {
    ...judgementOf([finding], { outcome: 'not_run', reason }),
    name,
    kind: gate.kind,
    mandatory: gate.mandatory,
    argvSha256: sha256(JSON.stringify(gate.command)),
    toolchainSha256: null,
    sandbox: null,
    startedMs: null,
    endedMs: null,
    exit: null,
    reportSha256: null,
    metrics: {},
    findings: [finding],
  };
}

/** A gate that ran and came to no judgement. */
export function errorJudgement(name: string, reason: string, parts: Partial<GateJudgement> = {}): GateJudgement {
  return judgementOf([findingOf(notRunRule, `gate ${name}: ${reason}`)], { ...parts, outcome: 'error', reason });
}

const rank = { error: 0, not_run: 0, fail: 1, pass: 2 } as const;

/** Several judgements of one gate as one: the gravest outcome, all findings; the first gives what is counted once. */
export function joinJudgements(
  first: GateJudgement,
  others: readonly { readonly judgement: GateJudgement; readonly prefix: string }[],
): GateJudgement {
  const all = [first, ...others.map(({ judgement }) => judgement)];
  const gravest = all.reduce((worst, one) => (rank[one.outcome] < rank[worst.outcome] ? one : worst));
  const metrics = others.flatMap(({ judgement, prefix }) =>
    Object.entries(judgement.metrics).map(([key, value]) => [prefixed(prefix, key), value] as const),
  );
  return {
    ...first,
    outcome: gravest.outcome,
    reason: gravest.reason,
    metrics: { ...first.metrics, ...Object.fromEntries(metrics) },
    findings: all.flatMap((judgement) => judgement.findings),
  };
}

function prefixed(prefix: string, key: string): string {
  return prefix === '' ? key : `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}

function toolchainDigest(room: Pick<GateRoom, 'toolchain' | 'dependencies'>): string {
  const { candidate } = room.dependencies;
  return sha256(`${room.toolchain.sha256} ${candidate.state === 'ready' ? candidate.key : 'no packages'}`);
}

/** SHA-256 of a text in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
