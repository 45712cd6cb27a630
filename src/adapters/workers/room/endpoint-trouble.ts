import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Spend } from '../../../core/tasks/spend.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';

/** What the calls of a room came to. */
export interface CallCounts {
  readonly answered: number;
  /** 401 and 403. */
  readonly keyRefused: number;
  /** 429, 529, and 503 with a time to come back. */
  readonly busy: number;
  /** Other 5xx, and endpoints that could not be reached. */
  readonly down: number;
  /** Answers that broke off. */
  readonly cut: number;
  /** Other 4xx: the endpoint does not take such a request. */
  readonly rejected: number;
  /** Requests without the room's token, or to another place than the endpoint; they were not sent. */
  readonly notSent: number;
}

type Kind = keyof CallCounts;
type FaultKind = Exclude<Kind, 'answered' | 'notSent'>;

const faces: Readonly<Record<FaultKind, { readonly code: WorkerFaultCode; readonly mend: string }>> = {
  keyRefused: { code: 'AGENT_REFUSED_KEY', mend: 'set the variable that holds the key to one that is good for it' },
  busy: { code: 'ENDPOINT_BUSY', mend: 'wait, or name another agent; see the rate limits of the account' },
  down: { code: 'ENDPOINT_DOWN', mend: 'see whether the endpoint runs and can be reached from here' },
  cut: { code: 'ENDPOINT_DOWN', mend: 'try again; see whether the endpoint or a proxy ends long answers' },
  rejected: { code: 'AGENT_FAILED', mend: 'see whether the model and the protocol of the agent fit the endpoint' },
};

/** Counts how calls end, and remembers what went wrong since the last one that went well. */
export class EndpointTrouble {
  readonly #counts: Record<Kind, number> = {
    answered: 0,
    keyRefused: 0,
    busy: 0,
    down: 0,
    cut: 0,
    rejected: 0,
    notSent: 0,
  };
  #last: { readonly kind: FaultKind; readonly said: string; readonly retryAfterMs: number | null } | null = null;

  get counts(): CallCounts {
    return { ...this.#counts };
  }

  answered(): void {
    this.#counts.answered += 1;
    this.#last = null;
  }

  notSent(): void {
    this.#counts.notSent += 1;
  }

  /** An answer by its status that is not a success. */
  refused(status: number, retryAfterMs: number | null): void {
    this.#note(kindOf(status, retryAfterMs), `it answered ${status}`, retryAfterMs);
  }

  unreachable(cause: Error): void {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
    this.#note('down', `it could not be reached: ${code}`, null);
  }

  cut(): void {
    this.#note('cut', 'its answer broke off', null);
  }

  /** What the worker may tell when its agent came to nothing; null when the last call went well. */
  asFault(endpoint: string, spend: Spend): WorkFault<WorkerFaultCode> | null {
    if (this.#last === null) return null;
    const { kind, said, retryAfterMs } = this.#last;
    const { code, mend } = faces[kind];
    const times = this.#counts[kind];
    const message = `the endpoint ${endpoint} failed the agent: ${said}${times > 1 ? ` (${times} times)` : ''}`;
    return new WorkFault(code, message, { mend, spend, retryAfterMs });
  }

  #note(kind: FaultKind, said: string, retryAfterMs: number | null): void {
    this.#counts[kind] += 1;
    this.#last = { kind, said, retryAfterMs };
  }
}

function kindOf(status: number, retryAfterMs: number | null): FaultKind {
  if (status === 401 || status === 403) return 'keyRefused';
  if (status === 429 || status === 529 || (status === 503 && retryAfterMs !== null)) return 'busy';
  return status >= 500 ? 'down' : 'rejected';
}
