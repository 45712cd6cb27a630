import type { DocumentFaultCode } from '../../ports/documents.js';

/** Why a text is not read, at an offset; the reader turns it into a `Fault` with file, line and column. */
export class Refusal extends Error {
  readonly code: DocumentFaultCode;
  readonly offset: number;
  readonly mend: string;

  constructor(
    code: DocumentFaultCode,
    message: string,
    offset: number,
    options: { readonly mend: string; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.offset = offset;
    this.mend = options.mend;
  }
}

/** Line and column, from 1, of an offset; `lineStarts` are the offsets at which lines begin, ascending. */
export function placeAt(lineStarts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
