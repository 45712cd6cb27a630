import { type EndpointAnswer, classifyAnswer } from '../../../core/registry/error-class.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Spend } from '../../../core/tasks/spend.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import { faceOf, sayAnswer } from '../face-of-class.js';

/** What the calls of a room came to. */
export interface CallCounts {
  readonly answered: number;
  /** The key, or the account behind it, is not good for the call. */
  readonly keyRefused: number;
  /** Too many calls, or too much to do. */
  readonly busy: number;
  /** The endpoint fails, or could not be reached. */
  readonly down: number;
  /** Answers that broke off. */
  readonly cut: number;
  /** The endpoint does not take such a request. */
  readonly rejected: number;
  /** Requests without the room's token, or to another place than the endpoint; they were not sent. */
  readonly notSent: number;
}

type Kind = keyof CallCounts;

/** What went wrong with the last call. */
interface Trouble {
  readonly kind: Kind;
  readonly said: string;
  readonly answer: EndpointAnswer;
  readonly retryAfterMs: number | null;
  readonly code: WorkerFaultCode;
  readonly mend: string;
}

const kinds: Readonly<Partial<Record<WorkerFaultCode, Kind>>> = {
  AGENT_REFUSED_KEY: 'keyRefused',
  ENDPOINT_BUSY: 'busy',
  ENDPOINT_DOWN: 'down',
};

const noAnswer: EndpointAnswer = { status: null, code: null };

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
  #last: Trouble | null = null;

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

  /** An answer that is not a success. */
  refused(answer: EndpointAnswer, retryAfterMs: number | null): void {
    const { code, means, mend } = faceOf(classifyAnswer(answer) ?? 'invalid-request', answer, retryAfterMs);
    const said = `it answered ${sayAnswer(answer)} (${means})`;
    this.#note({ kind: kinds[code] ?? 'rejected', said, answer, retryAfterMs, code, mend });
  }

  unreachable(cause: Error): void {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
    const said = `it could not be reached: ${code}`;
    const face = faceOf('network', noAnswer, null);
    this.#note({ kind: 'down', said, answer: noAnswer, retryAfterMs: null, code: face.code, mend: face.mend });
  }

  cut(): void {
    const mend = 'try again; see whether the endpoint or a proxy ends long answers';
    const said = 'its answer broke off';
    this.#note({ kind: 'cut', said, answer: noAnswer, retryAfterMs: null, code: 'ENDPOINT_DOWN', mend });
  }

  /** What the worker may tell when its agent came to nothing; null when the last call went well. */
  asFault(endpoint: string, spend: Spend): WorkFault<WorkerFaultCode> | null {
    if (this.#last === null) return null;
    const { kind, said, answer, retryAfterMs, code, mend } = this.#last;
    const times = this.#counts[kind];
    const message = `the endpoint ${endpoint} failed the agent: ${said}${times > 1 ? ` (${times} times)` : ''}`;
    return new WorkFault(code, message, { mend, spend, retryAfterMs, answer });
  }

  #note(trouble: Trouble): void {
    this.#counts[trouble.kind] += 1;
    this.#last = trouble;
  }
}
