import { createHash } from 'node:crypto';
import type { Append } from '../../src/core/ledger/sequence.js';

const verifier = Buffer.from(
  `-----BEGIN PUBLIC KEY-----\n${Buffer.alloc(44, 1).toString('base64')}\n-----END PUBLIC KEY-----\n`,
).toString('base64');

/** What a verdict's entry looks like, of its usual length; `number` makes it another one. Its signature is none. */
export function verdictAppend(number: number): Append {
  const hash = (words: string): string => createHash('sha256').update(`${words} ${number}`).digest('hex');
  const digest = (words: string) => ({ algorithm: 'sha256', value: hash(words) });
  const signature = createHash('sha512').update(`signature ${number}`).digest('base64');
  return {
    key: `01J0000000000000000${String(number).padStart(7, '0')}/verdict`,
    draft: {
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: digest('envelope'),
        payloadHash: digest('payload'),
        signatures: [{ signature, verifier }],
      },
    },
  };
}
