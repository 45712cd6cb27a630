import { type Outcome, outcomeKey, outcomeSchema } from './outcome.js';

/** What becomes of an outcome that comes in. The first three are taken or known; each of the others is a refusal. */
export type Admission =
  | 'first'
  | 'revised'
  | 'duplicate'
  | 'stale'
  | 'conflicting'
  | 'unknown-decision'
  | 'finished-decision'
  | 'other-arm'
  | 'clock-skew';

/** What is known of the execution that an outcome is about. */
export interface KnownExecution {
  readonly startedMs: number;
  readonly agent: string;
  readonly decisionId: string | null;
  /** Its month was folded into sums: nothing of it can be revised any more. */
  readonly isFolded: boolean;
  /** The newest revision that is there. */
  readonly latest: Outcome | null;
}

export interface AdmittedOutcome {
  readonly admission: Admission;
  /** What is to be stored; null where nothing is. */
  readonly outcome: Outcome | null;
  /** By how much its clock was off, in milliseconds; negative: behind. */
  readonly skewMs: number;
  /** For a person. */
  readonly detail: string;
}

/** Clocks of two machines that are kept may differ by so much. */
export const clockToleranceMs = 300_000;

/**
 * Judges an outcome that comes late, twice, out of order, from nowhere or from a clock that is off. Total; taking the same
 * outcome again is a duplicate, and never counts twice. An instant that is off by less than five minutes is moved between
 * the start of the work and now; by more it is refused.
 */
export function admitOutcome(known: KnownExecution | null, outcome: Outcome, nowMs: number): AdmittedOutcome {
  const refusal = refuse(known, outcome) ?? refuseRevision(known?.latest ?? null, outcome);
  if (refusal !== null) return { ...refusal, outcome: null, skewMs: 0 };
  const skewMs = skewOf(outcome.at_ms, known?.startedMs ?? 0, nowMs);
  if (Math.abs(skewMs) > clockToleranceMs) {
    const side = skewMs > 0 ? 'ahead of this machine’s clock' : 'before the work began';
    const detail = `its at_ms lies ${Math.abs(skewMs)} ms ${side}: set the clock that wrote it`;
    return { admission: 'clock-skew', outcome: null, skewMs, detail };
  }
  const latest = known?.latest ?? null;
  return {
    admission: latest === null ? 'first' : 'revised',
    outcome: { ...outcome, at_ms: outcome.at_ms - skewMs },
    skewMs,
    detail: latest === null ? 'taken' : `revision ${outcome.revision} takes the place of ${latest.revision}`,
  };
}

type Refusal = Pick<AdmittedOutcome, 'admission' | 'detail'>;

function refuse(known: KnownExecution | null, outcome: Outcome): Refusal | null {
  if (known === null) {
    const detail = `no execution ${outcomeKey(outcome)} is recorded here: hand it in where the task ran`;
    return { admission: 'unknown-decision', detail };
  }
  if (known.decisionId !== outcome.decision_id) {
    const detail = `execution ${outcomeKey(outcome)} follows decision ${known.decisionId ?? 'none'}, not ${outcome.decision_id ?? 'none'}`;
    return { admission: 'unknown-decision', detail };
  }
  if (known.agent !== outcome.arm.agent) {
    return { admission: 'other-arm', detail: `${known.agent} did that work, not ${outcome.arm.agent}` };
  }
  if (known.isFolded) {
    const detail = 'its month was folded into sums by arbiter track tidy, which nothing changes any more';
    return { admission: 'finished-decision', detail };
  }
  return null;
}

function refuseRevision(latest: Outcome | null, outcome: Outcome): Refusal | null {
  if (latest === null || outcome.revision > latest.revision) return null;
  if (outcome.revision < latest.revision) {
    return { admission: 'stale', detail: `revision ${latest.revision} is there already` };
  }
  if (isSame(latest, outcome)) return { admission: 'duplicate', detail: 'known already; it counts once' };
  const detail = `revision ${outcome.revision} says otherwise: a correction bears a greater revision`;
  return { admission: 'conflicting', detail };
}

/** Keys in the schema's order. The instant is left out: it may have been moved when the first of the two was taken. */
function isSame(a: Outcome, b: Outcome): boolean {
  const text = (one: Outcome): string => JSON.stringify(outcomeSchema.parse({ ...one, at_ms: 0 }));
  return text(a) === text(b);
}

function skewOf(atMs: number, earliestMs: number, nowMs: number): number {
  if (atMs > nowMs) return atMs - nowMs;
  return atMs < earliestMs ? atMs - earliestMs : 0;
}
