import { brotliDecompressSync, gunzipSync, inflateSync, constants } from 'node:zlib';
import type { JsonScanner } from './json-scanner.js';

/** The body of a response as it passes by: JSON, JSON lines, or events, plain or compressed. */
export interface ResponseBody {
  chunk(bytes: Uint8Array): void;
  end(): void;
  /** Bytes that came over the wire. */
  received(): number;
  /** Whether nothing could be read: a compression that is not known, or too much of it. */
  isOpaque(): boolean;
}

const mostCompressed = 1 << 20;
const mostDecompressed = 1 << 24;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Feeds what is JSON in a response to a scanner. The relay asks for `identity`; a server that compresses all the same is
 * read at its end, from at most 1 MiB into at most 16 MiB.
 */
export function createResponseBody(scanner: JsonScanner, encoding: string): ResponseBody {
  const events = createEventReader(scanner);
  const held: Uint8Array[] = [];
  let mode: 'unknown' | 'json' | 'events' | 'compressed' | 'opaque' = 'unknown';
  let received = 0;

  const pass = (bytes: Uint8Array): void => {
    if (mode === 'unknown') mode = modeOf(bytes, encoding);
    if (mode === 'json') scanner.feed(bytes);
    else if (mode === 'events') events(bytes);
    else if (mode !== 'opaque') hold(bytes);
  };
  const hold = (bytes: Uint8Array): void => {
    if (received <= mostCompressed) {
      held.push(bytes.slice());
      return;
    }
    mode = 'opaque';
    held.length = 0;
  };

  return {
    chunk(bytes): void {
      received += bytes.length;
      pass(bytes);
    },
    end(): void {
      if (mode !== 'compressed') return;
      const plain = decompress(Buffer.concat(held), encoding);
      held.length = 0;
      mode = plain === null ? 'opaque' : modeOf(plain, '');
      if (plain !== null) pass(plain);
    },
    received: () => received,
    isOpaque: () => mode === 'opaque' || mode === 'compressed',
  };
}

/** Tab, line feed, carriage return, space, and the bytes of a byte order mark. */
const blanks: readonly number[] = [0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf];

/** By the first byte that says something. */
function modeOf(bytes: Uint8Array, encoding: string): 'unknown' | 'json' | 'events' | 'compressed' {
  if (/\b(?:gzip|br|deflate|zstd|compress)\b/i.test(encoding)) return 'compressed';
  const first = bytes.find((at) => !blanks.includes(at));
  if (first === undefined) return 'unknown';
  if (first < 0x20 || first >= 0x80) return 'compressed';
  return first === 0x7b || first === 0x5b ? 'json' : 'events';
}

/** Null when it cannot be decompressed; a stream that was cut gives what it holds. */
function decompress(bytes: Buffer, encoding: string): Buffer | null {
  const bound = { maxOutputLength: mostDecompressed };
  try {
    if (/\bbr\b/i.test(encoding))
      return brotliDecompressSync(bytes, { ...bound, finishFlush: constants.BROTLI_OPERATION_FLUSH });
    const unzip = bytes[0] === 0x1f ? gunzipSync : inflateSync;
    return unzip(bytes, { ...bound, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    // any failure to read is told as opaque, and counted by its bytes
    return null;
  }
}

/** Server-sent events: feeds the text behind each `data:`, and starts anew with each event. */
function createEventReader(scanner: JsonScanner): (bytes: Uint8Array) => void {
  const prefix = [...Buffer.from('data:')];
  // place in the line: how much of the prefix was read; -1 for a line of another kind
  let matched = 0;
  let lineLength = 0;
  let inData = false;
  let dataLength = 0;
  let afterSpace = false;

  const endLine = (): void => {
    if (lineLength === 0) scanner.reset();
    matched = 0;
    lineLength = 0;
    inData = false;
  };
  const startData = (): void => {
    inData = true;
    dataLength = 0;
  };
  const matchPrefix = (at: number): void => {
    if (matched < 0) return;
    matched = at === prefix[matched] ? matched + 1 : -1;
    if (matched === prefix.length) startData();
  };
  const feed = (bytes: Uint8Array): void => {
    if (dataLength === 0) afterSpace = bytes[0] === 0x20;
    const first = afterSpace ? bytes[1 - dataLength] : bytes[0];
    // one that was cut off in the middle must not swallow the next
    if (dataLength <= (afterSpace ? 1 : 0) && first === 0x7b) scanner.reset();
    dataLength += bytes.length;
    scanner.feed(bytes);
  };

  return (bytes) => {
    let from = 0;
    while (from < bytes.length) {
      if (inData) {
        const end = bytes.indexOf(lineFeed, from);
        const until = end === -1 ? bytes.length : end;
        if (until > from) feed(bytes.subarray(from, until));
        lineLength += until - from;
        from = until;
        if (end === -1) continue;
      }
      const at = bytes[from] ?? lineFeed;
      from += 1;
      if (at === lineFeed) endLine();
      else if (at !== carriageReturn) {
        lineLength += 1;
        matchPrefix(at);
      }
    }
  };
}
