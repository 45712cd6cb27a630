import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markRevoked } from '../../src/core/caws/keys/revocations.js';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import { type Scene, createScene, noteKeyOf, origin } from './scene.js';
import { nodeFiles } from '../../src/adapters/files/node-files.js';
import { createDocuments } from '../../src/adapters/yaml/documents.js';
import { nowMs } from '../../src/core/caws/verdict/fixtures/matter.js';
import type { VerdictVerification } from '../../src/core/caws/verdict/verification.js';
import { encodeUtf8 } from '../../src/core/digest.js';
import { noteKinds, renderNoteKey } from '../../src/core/ledger/note.js';
import type { LedgerLog } from '../../src/ports/ledger-log.js';
import { readSigners } from '../../src/app/verdict/load-keyring.js';
import { recordBundle } from '../../src/app/verdict/record-bundle.js';
import { readLogKey } from '../../src/app/verdict/verify-bundle.js';
import { verifyVerdict } from '../../src/app/verdict/verify-verdict.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.directory.remove());

const sizeOf = async (ledger: LedgerLog): Promise<number> => (await ledger.head()).size;
function verify(
  file: string,
  logKey = noteKeyOf(scene.logSigner) as ReturnType<typeof noteKeyOf> | null,
  keyring = readSigners(encodeUtf8(scene.allowed)),
) {
  const asked = { file, keyring, keyringSource: 'a test', repositoryId: null, logKey, nowMs };
  return verifyVerdict(asked, { files: nodeFiles, documents: createDocuments(), keyring: scene.keyring });
}
const stateOf = (result: VerdictVerification): Record<string, boolean | null> =>
  Object.fromEntries(result.checks.map(({ check, passed }) => [check, passed]));

describe('recordBundle', () => {
  it('enters the verdict under its id and writes bundle and summary, and nothing else', async () => {
    const before = await sizeOf(scene.ledger);
    const { verdict, outDir, index } = await scene.record();
    expect(index).toBe(before);
    expect(await scene.ledger.find(`${verdict.verdict_id}/verdict`)).toMatchObject({ index });
    expect(readdirSync(outDir).sort()).toEqual([
      'verdict.sigstore.json',
      'verdict.svr.dsse.json',
      'verdict.yaml',
      'verdict.yaml.sig',
    ]);
  });

  it('done again, enters nothing and writes the same bytes', async () => {
    const first = await scene.record();
    const size = await sizeOf(scene.ledger);
    const read = () => readdirSync(first.outDir).map((name) => readFileSync(join(first.outDir, name), 'utf8'));
    const bytes = read();
    expect(await scene.record(first.verdict)).toMatchObject({ index: first.index });
    expect(await sizeOf(scene.ledger)).toBe(size);
    expect(read()).toEqual(bytes);
  });

  it('done again after the log has grown, proves the same entry by the same bytes', async () => {
    const first = await scene.record();
    const bundle = (): string => readFileSync(join(first.outDir, 'verdict.sigstore.json'), 'utf8');
    const bytes = bundle();
    await scene.record();
    expect(await scene.record(first.verdict)).toMatchObject({ index: first.index });
    expect(bundle()).toBe(bytes);
    expect((await verify(first.verdictPath)).verified).toBe(true);
  });

  it('gives a verdict that does not count no summary, and takes an earlier one away', async () => {
    const reasons = [{ kind: 'other', message: 'it only advises' }] as const;
    const verdict = scene.verdictOf({ advisoryReasons: reasons });
    const outDir = join(scene.directory.path, `out-${verdict.verdict_id}`);
    await nodeFiles.replaceFile(join(outDir, 'verdict.svr.dsse.json'), encodeUtf8('of an earlier PASS'));
    expect(await scene.record(verdict)).toMatchObject({ summaryPath: null, unsigned: null });
    expect(existsSync(join(outDir, 'verdict.svr.dsse.json'))).toBe(false);
    expect(existsSync(join(outDir, 'verdict.sigstore.json'))).toBe(true);
  });

  it('neither signs nor logs a verdict whose trust root is in doubt, and takes earlier files away', async () => {
    const { outDir } = await scene.record();
    const size = await sizeOf(scene.ledger);
    const verdict = scene.verdictOf({ advisoryReasons: [{ kind: 'trust-root', message: 'not the base’s spec' }] });
    const record = { verdict, signer: scene.signer, logSigner: scene.logSigner, outDir };
    const written = await recordBundle(record, { files: nodeFiles, ledger: scene.ledger });
    expect(written).toEqual({ bundlePath: null, summaryPath: null, index: null, unsigned: 'not the base’s spec' });
    expect(await sizeOf(scene.ledger)).toBe(size);
    expect(readdirSync(outDir).sort()).toEqual(['verdict.yaml', 'verdict.yaml.sig']);
  });

  it('refuses one key in both roles before anything is entered', async () => {
    const size = await sizeOf(scene.ledger);
    const record = { verdict: scene.verdictOf(), signer: scene.signer, logSigner: scene.signer, outDir: 'nowhere' };
    await expect(recordBundle(record, { files: nodeFiles, ledger: scene.ledger })).rejects.toMatchObject({
      code: 'LOG_KEY_SHARED',
    });
    expect(await sizeOf(scene.ledger)).toBe(size);
  });

  it('refuses another verdict under an id that is taken', async () => {
    const { verdict } = await scene.record();
    await expect(scene.record({ ...verdict, nonce: 'ab'.repeat(16) })).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
    });
  });

  it.each<[string, (ledger: LedgerLog) => Partial<LedgerLog>]>([
    ['no place', () => ({ append: async () => [] })],
    ['another entry', (ledger) => ({ append: async () => [await ledger.read(0)] })],
    ['a proof of another place', (ledger) => ({ proveInclusion: () => ledger.proveInclusion(0) })],
    [
      'a path that does not hold',
      (ledger) => ({
        proveInclusion: async (index) => ({ ...(await ledger.proveInclusion(index)), path: [] }),
      }),
    ],
  ])('writes no bundle when the log answers %s', async (_name, lie) => {
    const ledger = createMemoryLedger(origin);
    await ledger.append([{ key: 'first', draft: { apiVersion: '1.0.0', kind: 'note', spec: {} } }]);
    const verdict = scene.verdictOf();
    await expect(scene.record(verdict, { ...ledger, ...lie(ledger) })).rejects.toMatchObject({
      code: 'LEDGER_CORRUPT',
    });
    expect(readdirSync(join(scene.directory.path, `out-${verdict.verdict_id}`)).sort()).toEqual([
      'verdict.yaml',
      'verdict.yaml.sig',
    ]);
  });
});

describe('verifyVerdict with a bundle beside', () => {
  it('joins the bundle’s checks to its list', async () => {
    const { verdictPath } = await scene.record();
    const result = await verify(verdictPath);
    expect(stateOf(result)).toEqual({
      form: true,
      keyring: true,
      signature: true,
      bundle: true,
      envelope: true,
      subjects: true,
      predicate: true,
      entry: true,
      inclusion: true,
      checkpoint: true,
    });
    expect(result).toMatchObject({ verified: true });
  });

  it('without the log’s key says that inclusion was not checked and why, as neither pass nor fail', async () => {
    const { verdictPath } = await scene.record();
    const result = await verify(verdictPath, null);
    expect(stateOf(result)).toMatchObject({ inclusion: null, checkpoint: null, entry: true });
    expect(result.verified).toBe(true);
    expect(result.explanation.join('\n')).toMatch(/\? {4}inclusion: not checked: no key of the log was given/);
  });

  it('of a key that was stolen later still counts, and of one that was stolen before does not', async () => {
    const { verdictPath, index } = await scene.record();
    const at = index ?? 0;
    const revokedAs = (as_of_size: number): ReturnType<typeof readSigners> => {
      const read = readSigners(encodeUtf8(scene.allowed));
      const entry = { key_id: scene.signer.keyId, as_of_size, revoked_at: '2026-01-01T00:00:00.000Z', reason: null };
      const revocations = { version: 1 as const, revoked: [entry] };
      return { ...read, revocations, signers: markRevoked(read.signers, revocations) };
    };
    const logKey = noteKeyOf(scene.logSigner);
    expect((await verify(verdictPath, logKey, revokedAs(at + 1))).verified).toBe(true);
    const stolen = await verify(verdictPath, logKey, revokedAs(at));
    expect(stateOf(stolen)).toMatchObject({ signature: false, envelope: false, checkpoint: true });
    // Without the log's key nobody knows where it stands.
    expect(stateOf(await verify(verdictPath, null, revokedAs(at + 1)))).toMatchObject({ signature: false });
  });

  it('does not count by the place of another verdict', async () => {
    const [old, fresh] = [await scene.record(), await scene.record()];
    writeFileSync(fresh.bundlePath ?? '', readFileSync(old.bundlePath ?? ''));
    const read = readSigners(encodeUtf8(scene.allowed));
    const asOf = (old.index ?? 0) + 1;
    const entry = {
      key_id: scene.signer.keyId,
      as_of_size: asOf,
      revoked_at: '2026-01-01T00:00:00.000Z',
      reason: null,
    };
    const revocations = { version: 1 as const, revoked: [entry] };
    const keyring = { ...read, revocations, signers: markRevoked(read.signers, revocations) };
    const result = await verify(fresh.verdictPath, noteKeyOf(scene.logSigner), keyring);
    expect(stateOf(result)).toMatchObject({ signature: false, subjects: false });
  });

  it('fails on a path that does not hold, also without the log’s key', async () => {
    const [one, other] = [await scene.record(), await scene.record()];
    const text = readFileSync(one.bundlePath ?? '', 'utf8');
    const path = /"hashes":\[[^\]]*\]/;
    const foreign = path.exec(readFileSync(other.bundlePath ?? '', 'utf8'))?.[0] ?? '';
    writeFileSync(one.bundlePath ?? '', text.replace(path, foreign));
    expect(stateOf(await verify(one.verdictPath, null))).toMatchObject({ inclusion: false });
  });

  it('fails on the whole and honest bundle of another verdict', async () => {
    const [one, other] = [await scene.record(), await scene.record()];
    writeFileSync(one.bundlePath ?? '', readFileSync(other.bundlePath ?? ''));
    const result = await verify(one.verdictPath);
    expect(stateOf(result)).toMatchObject({ envelope: true, checkpoint: true, subjects: false });
    expect(result.verified).toBe(false);
  });

  it.each([
    ['no JSON', 'x'],
    ['another document', '{}\n'],
    ['nothing', ''],
    ['bytes that are no text', '\u00ff'],
  ])('fails on a bundle that is %s', async (_name, text) => {
    const { verdictPath, bundlePath } = await scene.record();
    writeFileSync(bundlePath ?? '', Buffer.from(text, 'latin1'));
    expect(stateOf(await verify(verdictPath))).toMatchObject({ bundle: false });
  });

  it('fails where a log’s key is given and there is no bundle, and asks nothing of one without', async () => {
    const { verdictPath, bundlePath } = await scene.record();
    await nodeFiles.removeFile(bundlePath ?? '');
    expect(stateOf(await verify(verdictPath))).toMatchObject({ bundle: false });
    expect(Object.keys(stateOf(await verify(verdictPath, null)))).toEqual(['form', 'keyring', 'signature']);
  });
});

describe('readLogKey', () => {
  const line = (kind: (typeof noteKinds)[keyof typeof noteKinds]): string =>
    renderNoteKey({ name: origin, kind, publicKey: scene.logSigner.publicKeyRaw });

  it('reads the line of a log’s key', () => {
    expect(readLogKey(encodeUtf8(`${line(noteKinds.ed25519)}\n`), 'log.vkey')).toEqual(noteKeyOf(scene.logSigner));
  });

  it('refuses what is none: other text, a changed hash, the key of a witness', () => {
    const good = line(noteKinds.ed25519);
    for (const text of ['', 'x', good.replace('+', '+0'), line(noteKinds.cosignature), scene.logSigner.publicKey]) {
      expect(() => readLogKey(encodeUtf8(text), 'log.vkey')).toThrow(
        expect.objectContaining({ code: 'LOG_KEY_INVALID' }),
      );
    }
    expect(() => readLogKey(Uint8Array.of(0xff), 'log.vkey')).toThrow(/holds no verifier key/);
  });
});
