import { Buffer } from 'node:buffer';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as property, fc } from '@fast-check/vitest';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllowedSigners } from '../../core/caws/keys/allowed-signers.js';
import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { hasSshKeygen, sshChecks, sshKeygen, sshSign, sshVerifies, temporaryDirectory } from './fixtures/ssh.js';
import { createKeyring } from './keyring.js';
import { privateKeyOf } from './private-key.js';
import { ed25519Blob } from './public-key.js';
import { signSshsig, signedData } from './sshsig.js';
import { verifySignature } from './verify-signature.js';
import { wireString, wireUint32 } from './wire.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

const nowMs = Date.UTC(2026, 10, 20, 9);
const namespace = 'caws-verdict';
const message = Buffer.from('verdict: "PASS"\ntrust: "local"\n');
const key = privateKeyOf(new Uint8Array(32).fill(5), 'test');
const publicLine = `ssh-ed25519 ${ed25519Blob(key.publicKey).toString('base64')}`;
const signature = signSshsig(key, namespace, message);
const withSshKeygen = it.skipIf(!hasSshKeygen);
const why = hasSshKeygen ? '' : ' (skipped: ssh-keygen missing)';

function verifyWith(line: string, more: Partial<Parameters<typeof verifySignature>[0]> = {}): SignatureState {
  return verifySignature({ message, signature, namespace, nowMs, allowedSigners: parseAllowedSigners(line), ...more });
}

describe('a signature of ours', () => {
  withSshKeygen(`is accepted by ssh-keygen -Y verify and -Y check-novalidate${why}`, () => {
    const check = { directory: directory.path, namespace, signature, message };
    const allowedSigners = `arbiter namespaces="caws-verdict" ${publicLine}\n`;
    expect(sshVerifies({ ...check, allowedSigners, principal: 'arbiter' })).toBe(true);
    expect(sshVerifies({ ...check, allowedSigners, principal: 'another' })).toBe(false);
    expect(sshChecks(check)).toBe(true);
    expect(sshChecks({ ...check, namespace: 'caws-waiver' })).toBe(false);
  });

  it('is valid here, with the name and the fingerprint of its key', () => {
    expect(verifyWith(`arbiter,verdicts namespaces="caws-*" ${publicLine} a comment`)).toEqual({
      state: 'valid',
      signer: 'arbiter',
      principals: ['arbiter', 'verdicts'],
      keyId: `SHA256:${createHash('sha256').update(ed25519Blob(key.publicKey)).digest('base64').replace(/=+$/, '')}`,
    });
  });

  property.prop([fc.uint8Array({ maxLength: 200 }), fc.stringMatching(/^[a-z-]{1,20}$/)])(
    'is valid over any bytes in any namespace, and the same each time',
    (bytes, name) => {
      const made = signSshsig(key, name, bytes);
      expect(signSshsig(key, name, bytes)).toBe(made);
      expect(verifyWith(`a ${publicLine}`, { message: bytes, namespace: name, signature: made }).state).toBe('valid');
    },
  );
});

describe('a signature of ssh-keygen', () => {
  const kinds: readonly (readonly [string, string[], string[]])[] = [
    ['ed25519', [], []],
    ['ed25519', [], ['-O', 'hashalg=sha256']],
    ['rsa', ['-b', '2048'], []],
    ['rsa', ['-b', '3072'], ['-O', 'hashalg=sha256']],
    ['ecdsa', ['-b', '256'], []],
  ];
  for (const [index, [type, make, signing]] of kinds.entries()) {
    withSshKeygen(`made with ${[type, ...make, ...signing].join(' ')} is valid here${why}`, () => {
      const path = join(directory.path, `kind-${index}`);
      const line = sshKeygen(path, type, ...make);
      for (let round = 0; round < 8; round += 1) {
        const bytes = Buffer.from(`message ${round}`);
        const theirs = sshSign(path, namespace, bytes, ...signing);
        expect(verifyWith(`alice ${line}`, { message: bytes, signature: theirs }).state).toBe('valid');
        expect(verifyWith(`alice ${line}`, { signature: theirs }).state).toBe('broken');
      }
    });
  }

  withSshKeygen(`by a key kind that is not read here is broken, never valid${why}`, () => {
    const path = join(directory.path, 'p384');
    const line = sshKeygen(path, 'ecdsa', '-b', '384');
    expect(verifyWith(`a ${line}`, { signature: sshSign(path, namespace, message) })).toMatchObject({
      state: 'broken',
      detail: expect.stringContaining('key type'),
    });
  });
});

// No device here: its answer is computed as the protocol asks, and the real ssh-keygen is the judge of that.
const ed25519Pair = generateKeyPairSync('ed25519');
const p256Pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const point = p256Pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
const mpint = (bytes: Buffer): Buffer => {
  const bare = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return wireString((bare[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bare]) : bare);
};
const devices = [
  {
    type: 'sk-ssh-ed25519@openssh.com',
    fields: [ed25519Pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)],
    answer: (data: Buffer): Buffer => sign(null, data, ed25519Pair.privateKey),
  },
  {
    type: 'sk-ecdsa-sha2-nistp256@openssh.com',
    fields: ['nistp256', point],
    answer(data: Buffer): Buffer {
      const raw = sign('sha256', data, { key: p256Pair.privateKey, dsaEncoding: 'ieee-p1363' });
      return Buffer.concat([mpint(raw.subarray(0, 32)), mpint(raw.subarray(32))]);
    },
  },
];

describe.each(devices)('a signature by a security key of type $type', ({ type, fields, answer }) => {
  const blob = Buffer.concat([type, ...fields, 'ssh:'].map(wireString));
  const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

  function signAsDevice(flags: number, application = 'ssh:'): string {
    const touch = Buffer.concat([Buffer.from([flags]), wireUint32(42)]);
    const signed = digest(signedData(namespace, 'sha512', message));
    const data = Buffer.concat([digest(Buffer.from(application)), touch, signed]);
    const body = Buffer.concat([
      Buffer.from('SSHSIG'),
      wireUint32(1),
      ...[blob, namespace, '', 'sha512'].map(wireString),
      wireString(Buffer.concat([wireString(type), wireString(answer(data)), touch])),
    ]);
    const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
    return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
  }

  withSshKeygen(`is checked here as ssh-keygen checks it${why}`, () => {
    const touched = signAsDevice(1);
    expect(sshChecks({ directory: directory.path, namespace, signature: touched, message })).toBe(true);
    expect(verifyWith(`a ${type} ${blob.toString('base64')}`, { signature: touched }).state).toBe('valid');
  });

  it('that nobody touched, or that another application asked for, does not count', () => {
    const line = `a ${type} ${blob.toString('base64')}`;
    expect(verifyWith(line, { signature: signAsDevice(0) }).state).toBe('broken');
    expect(verifyWith(line, { signature: signAsDevice(1, 'ssh:other') }).state).toBe('broken');
  });
});

describe('a changed byte', () => {
  const line = `arbiter ${publicLine}`;

  it('anywhere in the message is refused', () => {
    for (let at = 0; at < message.length; at += 1) {
      for (const bit of [0x01, 0x20, 0x80]) {
        const tampered = Buffer.from(message);
        tampered[at] = (tampered[at] ?? 0) ^ bit;
        expect(verifyWith(line, { message: tampered }).state).toBe('broken');
      }
    }
  });

  it('anywhere in the signature is refused', () => {
    const bytes = Buffer.from(signature, 'latin1');
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [0x01, 0x02, 0x20, 0x80]) {
        const tampered = Buffer.from(bytes);
        tampered[at] = (tampered[at] ?? 0) ^ bit;
        expect(verifyWith(line, { signature: tampered.toString('latin1') }).state).not.toBe('valid');
      }
    }
  });

  it.each([
    ['a byte order mark', Buffer.concat([Buffer.from('\ufeff'), message])],
    ['CRLF', Buffer.from(message.toString().replaceAll('\n', '\r\n'))],
    ['one more newline', Buffer.concat([message, Buffer.from('\n')])],
    ['no last newline', message.subarray(0, -1)],
    ['nothing', Buffer.alloc(0)],
  ])('such as %s is refused', (_name, tampered) => {
    expect(verifyWith(line, { message: tampered }).state).toBe('broken');
  });

  it.each([
    ['CRLF', signature.replaceAll('\n', '\r\n')],
    ['a text before it', `x\n${signature}`],
    ['a text after it', `${signature}x`],
    ['no final newline', signature.trimEnd()],
    ['other line lengths', signature.replace(/(.{70})\n(.)/, '$1$2\n')],
    ['two signatures', signature + signature],
    ['no signature', ''],
    ['an armor without content', '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n'],
  ])('in the armor, such as %s, is refused', (_name, tampered) => {
    expect(verifyWith(line, { signature: tampered }).state).toBe('broken');
  });
});

describe('who may sign', () => {
  it.each([
    ['foreign', `alice ssh-ed25519 ${ed25519Blob(new Uint8Array(32).fill(1)).toString('base64')}`],
    ['foreign', ''],
    ['foreign', `# arbiter ${publicLine}`],
    ['foreign', `arbiter cert-authority ${publicLine}`],
    ['wrong-namespace', `arbiter namespaces="git,caws-waiver" ${publicLine}`],
    ['wrong-namespace', `arbiter namespaces="*,!caws-verdict" ${publicLine}`],
    ['expired-key', `arbiter valid-before="20261120085959Z" ${publicLine}`],
    ['expired-key', `arbiter valid-after="20261120090001Z" ${publicLine}`],
    [
      'valid',
      `arbiter valid-after="20261120090000Z",valid-before="20261120090000Z" ${publicLine}`.replace('00Z" ', '01Z" '),
    ],
    ['valid', `arbiter valid-before="20260101Z" ${publicLine}\nlater valid-after="20260101Z" ${publicLine}`],
  ])('%s: %s', (state, lines) => {
    expect(verifyWith(lines).state).toBe(state);
  });

  it('names the key as foreign when a principal is asked for and the line is another’s', () => {
    expect(verifyWith(`alice ${publicLine}`, { principal: 'bob' }).state).toBe('foreign');
    expect(verifyWith(`*@example.com ${publicLine}`, { principal: 'bob@example.com' })).toMatchObject({
      state: 'valid',
      signer: 'bob@example.com',
    });
  });

  it('refuses a signature of one kind offered as another', () => {
    const waiver = signSshsig(key, 'caws-waiver', message);
    expect(verifyWith(`arbiter ${publicLine}`, { signature: waiver })).toMatchObject({
      state: 'wrong-namespace',
      detail: expect.stringContaining('caws-waiver'),
    });
  });

  withSshKeygen(`agrees with ssh-keygen on times, namespaces and patterns${why}`, () => {
    const lines = [
      `arbiter ${publicLine}`,
      `arb* namespaces="caws-verdict" ${publicLine}`,
      `"arbiter,other" namespaces="git" ${publicLine}`,
      `*,!arbiter ${publicLine}`,
      `arb?ter valid-after="20260101Z" ${publicLine}`,
      `arbiter valid-after="20261120090000Z" ${publicLine}`,
      `arbiter valid-before="20261120090000Z" ${publicLine}`,
      `arbiter valid-before="202611200900Z" ${publicLine}`,
      `arbiter valid-before="20261120085959Z" ${publicLine}`,
      `arbiter valid-before="20261140Z" ${publicLine}`,
      `arbiter unknown-option ${publicLine}`,
      `arbiter\t${publicLine}\tcomment with blanks`,
      `  arbiter ${publicLine}`,
      `arbiter NAMESPACES="caws-verdict" ${publicLine}`,
      `arbiter namespaces="a,caws-verdict",valid-after="20260101Z" ${publicLine}`,
    ];
    const options = ['-O', 'verify-time=20261120090000Z'];
    const check = { directory: directory.path, namespace, signature, message, principal: 'arbiter', options };
    for (const line of lines) {
      const ours = verifyWith(line, { principal: 'arbiter' }).state === 'valid';
      expect([line, ours]).toEqual([line, sshVerifies({ ...check, allowedSigners: `${line}\n` })]);
    }
  });
});

describe('several signatures in one file', () => {
  it('are told apart', () => {
    const other = signSshsig(privateKeyOf(new Uint8Array(32).fill(6), ''), namespace, message);
    expect(createKeyring({ trustDirectory: directory.path }).splitSignatures(signature + other)).toEqual([
      signature,
      other,
    ]);
    expect(createKeyring({ trustDirectory: directory.path }).splitSignatures('junk')).toEqual(['junk']);
  });
});

describe('keys on disk', () => {
  withSshKeygen(`of ours are read by ssh-keygen, and ssh-keygen’s by us${why}`, async () => {
    const keyring = createKeyring({ trustDirectory: directory.path });
    const ours = join(directory.path, 'keys', 'ours');
    const signer = await keyring.createKey(ours, 'arbiter verdict key', null);
    const theirs = sshSign(ours, namespace, message);
    expect(theirs).toBe(await signer.sign(namespace, message));
    expect(readFileSync(`${ours}.pub`, 'utf8')).toBe(`${signer.publicKey} arbiter verdict key\n`);

    const made = join(directory.path, 'theirs');
    const line = sshKeygen(made, 'ed25519');
    const loaded = await keyring.loadSigner(made, null);
    expect(loaded.signer.publicKey).toBe(line);
    expect(await loaded.signer.sign(namespace, message)).toBe(sshSign(made, namespace, message));
  });
});
