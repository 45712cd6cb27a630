import { Buffer } from 'node:buffer';

/** One field of SSH's wire format: length as four bytes, then the bytes (RFC 4251 §5, `string`). */
export function wireString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Says that bytes are not what the format asks for; callers turn it into a state or a fault of their own. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Reads SSH's wire format front to back. Every read beyond the end, and every rest at `end`, is a `WireError`. */
export function readWire(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > buffer.length - at) throw new WireError('ends too early');
    at += length;
    return buffer.subarray(at - length, at);
  };
  const uint32 = (): number => take(4).readUInt32BE();
  const string = (): Buffer => take(uint32());
  return {
    take,
    uint32,
    byte: (): number => take(1).readUInt8(),
    string,
    text: (): string => string().toString('latin1'),
    rest: (): Buffer => take(buffer.length - at),
    end: (): void => {
      if (at !== buffer.length) throw new WireError('has bytes after its end');
    },
  };
}
