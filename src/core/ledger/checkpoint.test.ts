import { createHash, createPublicKey, generateKeyPairSync, sign as signBytes, verify } from 'node:crypto';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../base64.js';
import {
  type CheckEd25519,
  cosignCheckpoint,
  isSignedBy,
  parseCheckpoint,
  renderCheckpoint,
  signCheckpoint,
} from './checkpoint.js';
import { type NoteKey, noteKinds, parseNote, parseNoteKey, renderNote, renderNoteKey } from './note.js';

const pair = generateKeyPairSync('ed25519');
const raw = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
const sign = (message: Uint8Array): Uint8Array => new Uint8Array(signBytes(null, message, pair.privateKey));
const check: CheckEd25519 = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};
const log: NoteKey = { name: 'arbiter.test/log', kind: noteKinds.ed25519, publicKey: raw };
const witness: NoteKey = { name: 'witness.test', kind: noteKinds.cosignature, publicKey: raw };
const root = new Uint8Array(createHash('sha256').update('root').digest());
const checkpoint = { origin: log.name, size: 42, root };
const note = renderNote({
  text: renderCheckpoint(checkpoint),
  signatures: [
    signCheckpoint(checkpoint, log, sign),
    cosignCheckpoint(checkpoint, { key: witness, atSeconds: 1_800_000_000 }, sign),
  ],
});

describe('base64', () => {
  property.prop([fc.uint8Array({ maxLength: 100 })])('is that of everyone else, both ways', (bytes) => {
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  });

  it.each(['A', 'AB', 'A===', 'AB=C', 'AB==CD==', 'AB-_', 'AR==', 'A A='])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeNull();
  });
});

describe('a checkpoint', () => {
  it('is three lines, and reads back', () => {
    expect(renderCheckpoint(checkpoint)).toBe(`arbiter.test/log\n42\n${Buffer.from(root).toString('base64')}\n`);
    expect(parseCheckpoint(renderCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  it.each([
    '',
    'a\n',
    'a\n042\nAAAA\n',
    'a\n-1\nAAAA\n',
    'a\n1\nAAAA\n',
    '\n1\nAAAA\n',
    'a\n99999999999999999999\nAAAA\n',
  ])('is not %j', (text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });
});

describe('a signed note', () => {
  it('is signed by the log and the witness, and by nobody else', () => {
    const read = parseNote(note);
    if (read === null) throw new Error('it does not read back');
    expect(renderNote(read)).toBe(note);
    expect(isSignedBy(read, log, check)).toBe(true);
    expect(isSignedBy(read, witness, check)).toBe(true);
    expect(isSignedBy(read, { ...log, name: 'other' }, check)).toBe(false);
    // A signature of one kind is none of another.
    expect(isSignedBy(read, { ...log, kind: noteKinds.cosignature }, check)).toBe(false);
  });

  property.prop([fc.nat({ max: note.length - 1 }), fc.integer({ min: 1, max: 127 })])(
    'loses both signatures, or its form, with any changed character of its text',
    (at, change) => {
      const changed = note.slice(0, at) + String.fromCharCode(note.charCodeAt(at) ^ change) + note.slice(at + 1);
      const read = parseNote(changed);
      if (read === null) return;
      const whole = [log, witness].filter((key) => isSignedBy(read, key, check)).length;
      expect(whole).toBeLessThan(2);
    },
  );

  it.each([
    '',
    'text',
    'text\n',
    'text\n\n',
    'text\n\nno dash\n',
    `text\n\n\u2014 name !!\n`,
    `te\u0001xt\n\n\u2014 n AAAAAAA=\n`,
  ])('is not %j', (text) => {
    expect(parseNote(text)).toBeNull();
  });
});

describe('a verifier key', () => {
  it('reads back, and not with another hash', () => {
    const line = renderNoteKey(log);
    expect(parseNoteKey(line)).toEqual(log);
    expect(parseNoteKey(line.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toBeNull();
    expect(parseNoteKey('name')).toBeNull();
  });
});
