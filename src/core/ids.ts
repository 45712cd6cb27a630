import { Fault } from './fault.js';

export type IdFaultCode = 'ID_INVALID';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const maxMs = 2 ** 48 - 1;

/** A ULID: 26 Crockford base32 digits, the first of which is at most 7 since 130 bits hold 128. */
export const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * The ULID of a time in milliseconds and 10 random bytes. Later times sort later as text; within one millisecond the
 * random bytes decide.
 * @throws ID_INVALID when the time has no 48-bit form or the bytes are not 10
 * @see https://github.com/ulid/spec
 */
export function makeUlid(ms: number, random: Uint8Array): string {
  if (!Number.isSafeInteger(ms) || ms < 0 || ms > maxMs) throw refuse(`time ${ms} does not fit a ULID`);
  if (random.length !== 10) throw refuse(`a ULID takes 10 random bytes, not ${random.length}`);
  let bits = BigInt(ms);
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let digit = 0; digit < 26; digit += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

/** Milliseconds since the epoch that a ULID carries. @throws ID_INVALID */
export function ulidMs(ulid: string): number {
  if (!ulidPattern.test(ulid)) throw refuse(`not a ULID: ${JSON.stringify(ulid.slice(0, 40))}`);
  return [...ulid.slice(0, 10)].reduce((ms, digit) => ms * 32 + alphabet.indexOf(digit), 0);
}

function refuse(message: string): Fault<IdFaultCode> {
  return new Fault('ID_INVALID', message, { mend: 'pass milliseconds since the epoch and 10 random bytes' });
}
