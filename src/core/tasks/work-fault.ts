import { Fault } from '../fault.js';
import type { EndpointAnswer } from '../registry/error-class.js';
import type { Spend } from './spend.js';

/** A fault of a worker, with what was spent until then. */
export class WorkFault<Code extends string = string> extends Fault<Code> {
  readonly spend: Spend;
  /** Milliseconds after which the endpoint said to come back; null when it said nothing. */
  readonly retryAfterMs: number | null;
  /** What the endpoint had answered; null when the fault is not of a call. */
  readonly answer: EndpointAnswer | null;

  constructor(
    code: Code,
    message: string,
    options: {
      mend: string;
      spend: Spend;
      retryAfterMs?: number | null;
      answer?: EndpointAnswer | null;
      cause?: unknown;
    },
  ) {
    super(code, message, { mend: options.mend, ...(options.cause === undefined ? {} : { cause: options.cause }) });
    this.spend = options.spend;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.answer = options.answer ?? null;
  }
}
