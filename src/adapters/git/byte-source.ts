import { CharacterCounter, countCharacters } from './count-characters.js';

/** A delimited record; `bytes` hold at most the bytes that the reader wanted to keep, `length` counts them all. */
export interface ReadRecord {
  readonly bytes: Buffer;
  readonly length: number;
  /** Exact above `EXACT_CHARACTERS_FROM` bytes; below, the length in bytes, which is never less. */
  readonly characters: number;
  readonly lastByte: number;
}

/** A line may be this long, sign and carriage return included, without being a long line by any count. */
const EXACT_CHARACTERS_FROM = 402;

const EMPTY = Buffer.alloc(0);

/** Reads records and blocks off a stream of chunks, holding one chunk at a time. */
export class ByteSource {
  readonly #pull: () => Promise<Buffer | null>;
  #chunk: Buffer = EMPTY;
  #at = 0;

  constructor(pull: () => Promise<Buffer | null>) {
    this.#pull = pull;
  }

  async #more(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const chunk = await this.#pull();
      if (chunk === null) return false;
      this.#chunk = chunk;
      this.#at = 0;
    }
    return true;
  }

  /** The next record when it ends inside the chunk at hand: the way without a promise. Valid until the next read. */
  recordAtHand(delimiter: number): ReadRecord | null {
    const end = this.#chunk.indexOf(delimiter, this.#at);
    if (end < 0) return null;
    const bytes = this.#chunk.subarray(this.#at, end);
    this.#at = end + 1;
    const { length } = bytes;
    const characters = length <= EXACT_CHARACTERS_FROM ? length : countCharacters(bytes);
    return { bytes, length, characters, lastByte: bytes[length - 1] ?? -1 };
  }

  /** The next record, null at the end of the stream; a last record may lack its delimiter. */
  async record(delimiter: number, keepBytes: number): Promise<ReadRecord | null> {
    const atHand = this.recordAtHand(delimiter);
    if (atHand !== null) return atHand;
    if (!(await this.#more())) return null;
    const kept: Buffer[] = [];
    const counter = new CharacterCounter();
    let length = 0;
    let keptLength = 0;
    let lastByte = -1;
    for (let ended = false; !ended && (await this.#more());) {
      const end = this.#chunk.indexOf(delimiter, this.#at);
      ended = end >= 0;
      const piece = this.#chunk.subarray(this.#at, ended ? end : undefined);
      this.#at = ended ? end + 1 : this.#chunk.length;
      counter.add(piece);
      length += piece.length;
      lastByte = piece[piece.length - 1] ?? lastByte;
      const part = piece.subarray(0, Math.max(0, keepBytes - keptLength));
      keptLength += part.length;
      if (part.length > 0) kept.push(part);
    }
    return { bytes: Buffer.concat(kept), length, characters: counter.characters, lastByte };
  }

  /** Gives `size` bytes to `take`, piece by piece; false when the stream ends before. */
  async pieces(size: number, take: (piece: Buffer) => void): Promise<boolean> {
    for (let left = size; left > 0;) {
      if (!(await this.#more())) return false;
      const piece = this.#chunk.subarray(this.#at, this.#at + left);
      this.#at += piece.length;
      left -= piece.length;
      take(piece);
    }
    return true;
  }
}
