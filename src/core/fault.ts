/** Where in a file a fault or an error stands. Line and column count from 1. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Something that kept Arbiter from judging, as opposed to a judgement. `code` comes from a literal union declared
 * beside the room that throws it; the message is lower case and says what was wrong, `mend` what to do next.
 * @see docs/decisions/0001-five-floors.md
 */
export class Fault<Code extends string = string> extends Error {
  override readonly name = 'Fault';
  readonly code: Code;
  readonly mend: string;
  readonly place: Place | undefined;

  constructor(code: Code, message: string, options: { mend: string; place?: Place; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.mend = options.mend;
    this.place = options.place;
  }
}

/** True for a `Fault`, with the given code when one is given. */
export function isFault<Code extends string = string>(error: unknown, code?: Code): error is Fault<Code> {
  return error instanceof Fault && (code === undefined || error.code === code);
}
