import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../digest.js';
import { encodeEntry, noPrev } from '../ledger/entry.js';
import { sealEnvelope } from './envelope.js';
import { entryOfEnvelope, readEnvelopeEntry } from './record-entry.js';

const key = new Uint8Array(32).fill(7);
const envelope = sealEnvelope(encodeUtf8('{"a":1}'), 'SHA256:k', () => new Uint8Array(64).fill(1));
const draft = entryOfEnvelope(envelope, key);

describe('the entry of an envelope', () => {
  it('holds hashes, signature and key, and nothing of what the envelope says', () => {
    expect(draft).toMatchObject({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        payloadHash: { value: '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862' },
        signatures: [{ signature: envelope.signatures[0].sig }],
      },
    });
    expect(JSON.stringify(draft)).not.toContain(envelope.payload);
  });

  it('reads back to the key, wherever it stands', () => {
    for (const prev of [noPrev, 'ab'.repeat(32)]) {
      expect(readEnvelopeEntry(encodeEntry(draft, prev), envelope)).toEqual({ key });
    }
  });

  it('is not that of another payload, signature, hint or key id', () => {
    const bytes = encodeEntry(draft, noPrev);
    const others = [
      { ...envelope, payload: 'e30=' },
      sealEnvelope(encodeUtf8('{"a":1}'), 'SHA256:k', () => new Uint8Array(64).fill(2)),
      sealEnvelope(encodeUtf8('{"a":1}'), 'SHA256:other', () => new Uint8Array(64).fill(1)),
    ];
    for (const other of others) expect(readEnvelopeEntry(bytes, other)).toBe('it records another envelope');
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /no entry|not an entry/],
    ['no JSON', '{', /not an entry/],
    [
      'another spelling',
      JSON.stringify({ kind: 'dsse', apiVersion: '0.0.1', prev: noPrev, spec: draft.spec }),
      /spelling/,
    ],
    ['another kind', new TextDecoder().decode(encodeEntry({ ...draft, kind: 'key' }, noPrev)), /of kind key/],
    ['another version', new TextDecoder().decode(encodeEntry({ ...draft, apiVersion: '0.0.2' }, noPrev)), /0\.0\.2/],
    [
      'more in its spec',
      new TextDecoder().decode(encodeEntry({ ...draft, spec: { ...draft.spec, more: 1 } }, noPrev)),
      /records no envelope/,
    ],
  ])('is not read from %s', (_name, text, why) => {
    expect(readEnvelopeEntry(encodeUtf8(text), envelope)).toMatch(why);
  });
});
