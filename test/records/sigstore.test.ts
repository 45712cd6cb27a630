import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gate, matter } from '../../src/core/caws/verdict/fixtures/matter.js';
import { encodeUtf8 } from '../../src/core/digest.js';
import { renderCheckpoint, signCheckpoint } from '../../src/core/ledger/checkpoint.js';
import { entrySchema, noPrev } from '../../src/core/ledger/entry.js';
import { renderNote } from '../../src/core/ledger/note.js';
import { type Bundle, logIdOf, parseBundle, renderBundle } from '../../src/core/records/bundle.js';
import { readBundle } from '../../src/core/records/read-bundle.js';
import { type Scene, createScene, noteKeyOf } from './scene.js';
import { askSigstore } from './sigstore.js';

// Two verifiers read each bundle: Sigstore's, which we did not write, and ours, which has to be at least as strict.
let scene: Scene;
let recorded: Awaited<ReturnType<Scene['record']>>;
let other: typeof recorded;
beforeAll(async () => {
  scene = await createScene();
  recorded = await scene.record();
  other = await scene.record();
});
afterAll(() => scene.directory.remove());

type Json = { -readonly [key in keyof Bundle]: Bundle[key] };
const bytesOf = (of = recorded): Uint8Array => new Uint8Array(readFileSync(of.bundlePath ?? ''));
const bundleOf = (of = recorded): Json => {
  const bundle = parseBundle(bytesOf(of));
  if (typeof bundle === 'string') throw new Error(bundle);
  return bundle;
};
const failed = (bundle: Bundle, by = scene.logSigner): string[] =>
  readBundle(renderBundle(bundle), scene.trustIn(recorded.verdict, by))
    .checks.filter(({ passed }) => passed === false)
    .map(({ check }) => check);
const entryIn = (bundle: Bundle) => bundle.verificationMaterial.tlogEntries[0];
const flip = (base64: string, at = 5): string => {
  const bytes = Buffer.from(base64, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
};

describe('a bundle', () => {
  it('is taken by @sigstore/verify and by us, with an entry that has a prev', async () => {
    expect(askSigstore(bundleOf(), scene)).toBe('accepted');
    expect(failed(bundleOf())).toEqual([]);
    const entry = entrySchema.parse(
      JSON.parse(Buffer.from(entryIn(bundleOf()).canonicalizedBody, 'base64').toString('utf8')),
    );
    expect(entry).toMatchObject({ kind: 'dsse', apiVersion: '0.0.1' });
    expect(entry.prev).not.toBe(noPrev);
  });

  it('is taken at every size that the log may have', async () => {
    for (let size = 0; size < 12; size += 1) {
      const again = await scene.record();
      const bundle = bundleOf(again);
      expect([size, askSigstore(bundle, scene)]).toEqual([size, 'accepted']);
      const { checks, index } = readBundle(bytesOf(again), scene.trustIn(again.verdict));
      expect([index, checks.every(({ passed }) => passed)]).toEqual([again.index, true]);
    }
  });

  it('is taken of a FAIL, and of a verdict about no change at all', async () => {
    const red = matter({ gates: [gate({ outcome: 'fail', reason: 'red' })] });
    for (const parts of [{}, { diffSha256: null }, { change: null, diffSha256: null, base: null }]) {
      const bare = await scene.record(scene.verdictOf({ matter: red, ...parts }));
      expect(bare.verdict.verdict).toBe('FAIL');
      expect(askSigstore(bundleOf(bare), scene)).toBe('accepted');
      const { checks } = readBundle(bytesOf(bare), scene.trustIn(bare.verdict));
      expect(checks.every(({ passed }) => passed)).toBe(true);
    }
  });

  const signature = 'SIGNATURE_ERROR';
  const body = 'TLOG_BODY_ERROR';
  const proof = 'TLOG_INCLUSION_PROOF_ERROR';
  // What Sigstore's verifier takes because it does not read it: the checkpoint's own words count for it.
  const unread = 'accepted';
  it.each<[string, string, string[], (bundle: Json) => void]>([
    [
      'a byte of the payload',
      body,
      ['subjects', 'predicate', 'entry', 'envelope'],
      (bundle) => {
        bundle.dsseEnvelope.payload = flip(bundle.dsseEnvelope.payload);
      },
    ],
    [
      'a byte of the signature',
      body,
      ['envelope', 'entry'],
      (bundle) => {
        bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig);
      },
    ],
    [
      'a byte of the entry’s prev',
      proof,
      ['inclusion'],
      (bundle) => {
        const text = Buffer.from(entryIn(bundle).canonicalizedBody, 'base64').toString('utf8');
        const changed = text.replace(
          /("prev":")(.)/,
          (_, head: string, digit: string) => head + (digit === '0' ? '1' : '0'),
        );
        entryIn(bundle).canonicalizedBody = Buffer.from(changed).toString('base64');
      },
    ],
    [
      'a hash of the path',
      proof,
      ['inclusion'],
      (bundle) => {
        entryIn(bundle).inclusionProof.hashes[0] = flip(entryIn(bundle).inclusionProof.hashes[0] ?? '');
      },
    ],
    [
      'a path without its last hash',
      proof,
      ['inclusion'],
      (bundle) => {
        entryIn(bundle).inclusionProof.hashes.pop();
      },
    ],
    [
      'the root of the proof',
      unread,
      ['inclusion'],
      (bundle) => {
        entryIn(bundle).inclusionProof.rootHash = flip(entryIn(bundle).inclusionProof.rootHash);
      },
    ],
    [
      'the size of the proof',
      unread,
      ['inclusion'],
      (bundle) => {
        entryIn(bundle).inclusionProof.treeSize = '99';
      },
    ],
    [
      'the root in the checkpoint',
      proof,
      ['inclusion', 'checkpoint'],
      (bundle) => {
        const { checkpoint, rootHash } = entryIn(bundle).inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace(rootHash, flip(rootHash));
      },
    ],
    [
      'the size in the checkpoint',
      proof,
      ['inclusion', 'checkpoint'],
      (bundle) => {
        const { checkpoint, treeSize } = entryIn(bundle).inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace(`\n${treeSize}\n`, '\n99\n');
      },
    ],
    [
      'the signature of the checkpoint',
      proof,
      ['checkpoint'],
      (bundle) => {
        const { checkpoint } = entryIn(bundle).inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace(/\S+\n$/, (base64) => `${flip(base64.trim(), 20)}\n`);
      },
    ],
    [
      'another index',
      proof,
      ['inclusion'],
      (bundle) => {
        entryIn(bundle).logIndex = entryIn(bundle).inclusionProof.logIndex = '3';
      },
    ],
    [
      'another index outside of the proof',
      unread,
      ['inclusion'],
      (bundle) => {
        entryIn(bundle).logIndex = '3';
      },
    ],
    [
      'the envelope of another verdict',
      body,
      ['entry', 'envelope', 'subjects'],
      (bundle) => {
        bundle.dsseEnvelope = bundleOf(other).dsseEnvelope;
      },
    ],
    [
      'the log entry of another verdict',
      body,
      ['entry', 'envelope'],
      (bundle) => {
        bundle.verificationMaterial.tlogEntries = bundleOf(other).verificationMaterial.tlogEntries;
      },
    ],
    [
      'the name of another key',
      'Error: unknown key',
      ['envelope'],
      (bundle) => {
        bundle.verificationMaterial.publicKey.hint = scene.stranger.keyId;
      },
    ],
    [
      'the id of another log',
      unread,
      ['checkpoint'],
      (bundle) => {
        entryIn(bundle).logId.keyId = logIdOf(noteKeyOf(scene.stranger));
      },
    ],
    [
      'another version of the entry',
      body,
      ['bundle'],
      (bundle) => {
        Object.assign(entryIn(bundle).kindVersion, { version: '0.0.2' });
      },
    ],
    [
      'no log entry',
      'TLOG_ERROR',
      ['bundle'],
      (bundle) => {
        Object.assign(bundle.verificationMaterial, { tlogEntries: [] });
      },
    ],
    [
      'an SSH signature’s bytes as the envelope’s',
      body,
      ['envelope', 'entry'],
      (bundle) => {
        bundle.dsseEnvelope.signatures[0].sig = sshSignature;
      },
    ],
    [
      'the envelope’s signature as the checkpoint’s',
      proof,
      ['checkpoint'],
      (bundle) => {
        signedBy(bundle, Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64'));
      },
    ],
  ])('with %s is refused', (_name, sigstore, ours, tamper) => {
    const bundle = bundleOf();
    tamper(bundle);
    expect(failed(bundle).sort()).toEqual(ours.sort());
    expect(askSigstore(bundle, scene)).toBe(sigstore);
  });

  // The raw 64 bytes that an SSHSIG over the very payload ends with.
  let sshSignature = '';
  beforeAll(async () => {
    const payload = Buffer.from(bundleOf().dsseEnvelope.payload, 'base64');
    const armored = await scene.signer.sign('caws-verdict', payload);
    const blob = Buffer.from(armored.split('\n').slice(1, -2).join(''), 'base64');
    sshSignature = blob.subarray(-64).toString('base64');
  });
  function signedBy(bundle: Json, raw: Uint8Array): void {
    const { checkpoint } = entryIn(bundle).inclusionProof;
    const [text = ''] = checkpoint.envelope.split('\n\n');
    const [, , root = ''] = text.split('\n');
    const size = Number(entryIn(bundle).inclusionProof.treeSize);
    const state = { origin: noteKeyOf(scene.logSigner).name, size, root: new Uint8Array(Buffer.from(root, 'base64')) };
    const signatures = [signCheckpoint(state, noteKeyOf(scene.logSigner), () => raw)];
    checkpoint.envelope = renderNote({ text: renderCheckpoint(state), signatures });
  }

  it('is proven to stand at its index only by the key of its log, and for its own envelope', () => {
    const indexBy = (by: typeof scene.signer | null, bundle = bundleOf()) =>
      readBundle(renderBundle(bundle), scene.trustIn(recorded.verdict, by)).index;
    expect(indexBy(scene.logSigner)).toBe(recorded.index);
    expect([indexBy(null), indexBy(scene.stranger)]).toEqual([null, null]);
    expect(indexBy(scene.logSigner, { ...bundleOf(), dsseEnvelope: bundleOf(other).dsseEnvelope })).toBeNull();
  });

  it('is refused by another log’s key, by the verdict’s key as the log’s, and when the verdict’s key signed for the log', async () => {
    for (const by of [scene.stranger, scene.signer]) {
      expect(failed(bundleOf(), by)).toEqual(['checkpoint']);
      expect(askSigstore(bundleOf(), { signer: scene.signer, logSigner: by })).toBe('TLOG_INCLUSION_PROOF_ERROR');
    }
    const bundle = bundleOf();
    const [text = ''] = entryIn(bundle).inclusionProof.checkpoint.envelope.split('\n\n');
    signedBy(bundle, await scene.signer.signRaw(encodeUtf8(`${text}\n`)));
    expect(failed(bundle)).toEqual(['checkpoint']);
    expect(askSigstore(bundle, scene)).toBe('TLOG_INCLUSION_PROOF_ERROR');
  });

  it('is refused by a keyring without the key, and by Sigstore under another key of that name', () => {
    const foreign = { ...scene.trustIn(recorded.verdict), signers: { entries: [], ignored: [] } };
    const { checks } = readBundle(bytesOf(), foreign);
    expect(checks.find(({ check }) => check === 'envelope')).toMatchObject({ passed: false });
    const impostor = { ...scene.stranger, keyId: scene.signer.keyId };
    expect(askSigstore(bundleOf(), { signer: impostor, logSigner: scene.logSigner })).toBe(signature);
  });

  const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  it.each<[string, (json: string) => string]>([
    ['half of a surrogate pair', (json) => json.replace('SHA256:', '\\ud800SHA256:')],
    ['a key that stands twice', (json) => json.replace('{', '{"mediaType":"x",')],
    ['white space', (json) => json.replace(':', ': ')],
    ['no last newline', (json) => json.trimEnd()],
    ['a byte order mark', (json) => `\ufeff${json}`],
    ['a float and too much depth inside', (json) => json],
  ])('with %s is a failed check, and no fault', (_name, spoil) => {
    const text = spoil(Buffer.from(bytesOf()).toString('utf8'));
    const trust = scene.trustIn(recorded.verdict);
    for (const inner of ['{"a":1.5}', '{"a":"\\ud800"}', deep]) {
      const [payload, body] = [inner, inner].map((value) => Buffer.from(value).toString('base64'));
      const both = text
        .replace(/("payload":")[^"]*/, `$1${payload}`)
        .replace(/("canonicalizedBody":")[^"]*/, `$1${body}`);
      const { checks, index } = readBundle(encodeUtf8(both), trust);
      expect([checks.some(({ passed }) => passed === false), index]).toEqual([true, null]);
    }
  });

  it('is refused by us with any byte of its file changed', () => {
    const whole = bytesOf();
    const trust = scene.trustIn(recorded.verdict);
    for (let index = 0; index < whole.length; index += 5) {
      const tampered = whole.slice();
      tampered[index] = (tampered[index] ?? 0) ^ (1 << (index % 7));
      const { checks } = readBundle(tampered, trust);
      expect([index, checks.some(({ passed }) => passed === false)]).toEqual([index, true]);
    }
  });
});
