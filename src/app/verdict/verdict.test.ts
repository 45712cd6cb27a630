import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../adapters/files/node-files.js';
import {
  hasSshKeygen,
  sshKeygen,
  sshSign,
  sshVerifies,
  temporaryDirectory,
} from '../../adapters/signing/fixtures/ssh.js';
import { createKeyring } from '../../adapters/signing/keyring.js';
import { createDocuments } from '../../adapters/yaml/documents.js';
import { assembleVerdict } from '../../core/caws/verdict/assemble-verdict.js';
import { reviewMessage } from '../../core/caws/verdict/examine-review.js';
import { facts, hex, nowMs } from '../../core/caws/verdict/fixtures/matter.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import type { VerdictVerification } from '../../core/caws/verdict/verification.js';
import { digestText } from '../../core/digest.js';
import type { Signer } from '../../ports/signer.js';
import { allowedSignersPath, loadKeyring, readSigners } from './load-keyring.js';
import { recordVerdict } from './record-verdict.js';
import { verifyVerdict } from './verify-verdict.js';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (...names: string[]): string => join(directory.path, ...names);
const keyring = createKeyring({ trustDirectory: at('trust') });
const ports = { files: nodeFiles, documents: createDocuments(), keyring };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const withSshKeygen = it.skipIf(!hasSshKeygen);
const why = hasSshKeygen ? '' : ' (skipped: ssh-keygen missing)';

const repositoryId = hex('e');
const verdict = assembleVerdict(facts());
let root: Signer;
let signer: Signer;
let allowed: string;

beforeAll(async () => {
  root = await keyring.createKey(at('keys', 'root'), 'root', null);
  signer = await keyring.createKey(at('keys', 'verdict'), 'verdict', null);
  allowed = `arbiter namespaces="caws-verdict" ${signer.publicKey}\n`;
});

let count = 0;
async function record(of: Verdict = verdict, by: Signer | null = signer) {
  const outDir = at(`out-${(count += 1)}`);
  return { outDir, ...(await recordVerdict({ verdict: of, signer: by, outDir }, nodeFiles)) };
}

function verify(file: string, signers = allowed, more = {}): Promise<VerdictVerification> {
  const asked = { file, keyring: readSigners(bytesOf(signers)), keyringSource: 'a test', repositoryId, nowMs, ...more };
  return verifyVerdict(asked, ports);
}

const failed = (result: VerdictVerification): string[] =>
  result.checks.filter((check) => !check.passed).map((check) => check.check);

describe('recordVerdict', () => {
  it('writes the verdict and its signature, and leaves nothing else', async () => {
    const written = await record();
    expect(readdirSync(written.outDir).sort()).toEqual(['verdict.yaml', 'verdict.yaml.sig']);
    expect(written).toMatchObject({ keyId: signer.keyId, unsigned: null });
  });

  it('writes the same bytes for the same verdict and key', async () => {
    const [one, two] = [await record(), await record()];
    for (const name of ['verdict.yaml', 'verdict.yaml.sig']) {
      expect(readFileSync(join(one.outDir, name))).toEqual(readFileSync(join(two.outDir, name)));
    }
  });

  withSshKeygen(`writes what ssh-keygen -Y verify accepts as it stands in the handbook${why}`, async () => {
    const { outDir } = await record();
    const signature = readFileSync(join(outDir, 'verdict.yaml.sig'), 'utf8');
    const check = { directory: directory.path, principal: 'arbiter', namespace: 'caws-verdict', signature };
    const message = readFileSync(join(outDir, 'verdict.yaml'));
    expect(sshVerifies({ ...check, allowedSigners: allowed, message })).toBe(true);
    expect(
      sshVerifies({ ...check, allowedSigners: allowed, message: Buffer.concat([message, Buffer.from('\n')]) }),
    ).toBe(false);
  });

  it('never signs a verdict whose trust root is in doubt, nor leaves it beside an older signature', async () => {
    const doubtful = assembleVerdict(
      facts({ advisoryReasons: [{ kind: 'trust-root', message: 'the spec is not the base’s' }] }),
    );
    const written = await record(doubtful);
    expect(written).toMatchObject({ signaturePath: null, keyId: null, unsigned: 'the spec is not the base’s' });
    expect(readdirSync(written.outDir)).toEqual(['verdict.yaml']);
    const { outDir, verdictPath, signaturePath } = await record();
    await recordVerdict({ verdict: doubtful, signer, outDir }, nodeFiles);
    expect(failed(await verify(verdictPath))).toEqual(['signature']);
    expect(readFileSync(signaturePath ?? '', 'utf8')).toBe('unsigned: the spec is not the base’s\n');
  });

  it('replaces an earlier verdict together with its signature', async () => {
    const { outDir } = await record();
    const later = assembleVerdict(facts({ nonceBytes: new Uint8Array(16).fill(1) }));
    await recordVerdict({ verdict: later, signer, outDir }, nodeFiles);
    expect(await verify(join(outDir, 'verdict.yaml'))).toMatchObject({ verified: true, verdict: later });
  });
});

describe('verifyVerdict', () => {
  it('accepts what was recorded, says each check, and explains', async () => {
    const { verdictPath, outDir } = await record(assembleVerdict(facts({ diffSha256: digestText('the diff') })));
    writeFileSync(join(outDir, 'change.diff'), 'the diff');
    const result = await verify(verdictPath);
    expect(result.checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['form', true],
      ['keyring', true],
      ['signature', true],
      ['repository', true],
      ['diff', true],
    ]);
    expect(result).toMatchObject({ verified: true, signer: { name: 'arbiter', keyId: signer.keyId } });
    expect(result.explanation[0]).toBe('VERIFIED');
    expect(result.explanation.join('\n')).toContain('PASS: the change keeps its working spec');
    writeFileSync(join(outDir, 'change.diff'), 'another diff');
    expect(failed(await verify(verdictPath))).toEqual(['diff']);
  });

  it('refuses every changed byte of a verdict, and of its signature', async () => {
    const { verdictPath, signaturePath } = await record();
    for (const path of [verdictPath, signaturePath ?? '']) {
      const whole = readFileSync(path);
      for (let index = 0; index < whole.length; index += path === verdictPath ? 1 : 3) {
        const tampered = Buffer.from(whole);
        tampered[index] = (tampered[index] ?? 0) ^ (1 << (index % 8));
        writeFileSync(path, tampered);
        const result = await verify(verdictPath);
        expect([index, result.verified, failed(result).includes('signature')]).toEqual([index, false, true]);
      }
      writeFileSync(path, whole);
    }
    expect((await verify(verdictPath)).verified).toBe(true);
  });

  it.each<[string, (text: string) => string]>([
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['an appended newline', (text) => `${text}\n`],
    ['an appended comment', (text) => `${text}# fine\n`],
    ['single quotes', (text) => text.replace('"PASS"', "'PASS'")],
    ['an explicit document', (text) => `---\n${text}`],
    ['another order of keys', (text) => text.replace(/(version: 2\n)(verdict_id: .*\n)/, '$2$1')],
  ])('takes only the one spelling, and so refuses %s, even freshly signed', async (_name, respell) => {
    const { verdictPath, signaturePath } = await record();
    const respelt = respell(readFileSync(verdictPath, 'utf8'));
    writeFileSync(verdictPath, respelt);
    writeFileSync(signaturePath ?? '', await signer.sign('caws-verdict', bytesOf(respelt)));
    expect(failed(await verify(verdictPath))).toEqual(['form']);
  });

  it.each<[string, (text: string) => string]>([
    ['a duplicate key', (text) => `${text}verdict: "PASS"\n`],
    ['an anchor', (text) => text.replace('"PASS"', '&a "PASS"').replace('"local"', '*a')],
    ['a tag', (text) => text.replace('"PASS"', '!!str "PASS"')],
    ['a float', (text) => text.replace('version: 2', 'version: 2.0')],
    ['an unknown key', (text) => `${text}more: 1\n`],
    ['a contradiction', (text) => text.replace('verdict: "PASS"', 'verdict: "FAIL"')],
    ['no mapping', () => '[]\n'],
    ['nothing', () => ''],
  ])('refuses %s, even freshly signed', async (_name, spoil) => {
    const { verdictPath, signaturePath } = await record();
    const spoilt = spoil(readFileSync(verdictPath, 'utf8'));
    writeFileSync(verdictPath, spoilt);
    writeFileSync(signaturePath ?? '', await signer.sign('caws-verdict', bytesOf(spoilt)));
    expect(failed(await verify(verdictPath))).toEqual(['form']);
  });

  it('refuses a verdict about another repository', async () => {
    const { verdictPath } = await record(assembleVerdict(facts({ repositoryId: hex('f') })));
    expect(failed(await verify(verdictPath))).toEqual(['repository']);
    expect((await verify(verdictPath, allowed, { repositoryId: null })).verified).toBe(true);
  });

  it('refuses signers and signatures that do not hold, each by its name', async () => {
    const { verdictPath, signaturePath } = await record();
    const detailOf = async (signers: string): Promise<string> =>
      (await verify(verdictPath, signers)).checks.find(({ check }) => check === 'signature')?.detail ?? '';
    expect(await detailOf('')).toContain('foreign');
    expect(await detailOf(`arbiter ${root.publicKey}\n`)).toContain('foreign');
    expect(await detailOf(`arbiter namespaces="caws-waiver" ${signer.publicKey}\n`)).toContain('wrong-namespace');
    expect(await detailOf(`arbiter valid-before="20260101Z" ${signer.publicKey}\n`)).toContain('expired-key');
    const message = readFileSync(verdictPath);
    writeFileSync(signaturePath ?? '', await signer.sign('caws-waiver', message));
    expect(await detailOf(allowed)).toContain('wrong-namespace');
    writeFileSync(signaturePath ?? '', new Uint8Array([0xff, 0xfe]));
    expect(await detailOf(allowed)).toContain('broken');
    rmSync(signaturePath ?? '');
    expect(await detailOf(allowed)).toContain('unsigned');
  });

  it('is a fault where there is no file, or one too large to be a verdict', async () => {
    await expect(verify(at('none.yaml'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
    writeFileSync(at('huge.yaml'), ' '.repeat(1024 * 1024 + 1));
    await expect(verify(at('huge.yaml'))).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  });

  it('cannot be made to move the cursor by the file that it explains', async () => {
    const hostile = assembleVerdict(facts({ repositoryId: 'x\u001b[2J\u202e' }));
    const { verdictPath } = await record(hostile);
    for (const line of (await verify(verdictPath)).explanation) expect(line).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
});

describe('loadKeyring', () => {
  const id = 'ab'.repeat(32);
  const files = new Map<string, Uint8Array>();
  const load = (over: Record<string, Uint8Array | null> = {}) =>
    loadKeyring(
      {
        repositoryId: id,
        nowMs,
        read: async (path) => (path in over ? (over[path] ?? null) : (files.get(path) ?? null)),
      },
      keyring,
      ports.documents,
    );

  it('believes the signers only by the signature of the pinned root', async () => {
    const sigPath = `${allowedSignersPath}.sig`;
    const message = bytesOf(allowed);
    files.set(allowedSignersPath, message);
    expect((await load()).distrust).toContain('no root key is pinned');
    await keyring.pinRoot(id, { keyId: root.keyId, publicKey: root.publicKey });
    expect((await load()).distrust).toContain('bears no signature');
    files.set(sigPath, bytesOf(await root.sign('caws-keyring', message)));
    const trusted = await load();
    expect(trusted.distrust).toBeNull();
    expect(trusted.signers.entries).toHaveLength(1);

    const own = bytesOf(await signer.sign('caws-keyring', message));
    const asVerdict = bytesOf(await root.sign('caws-verdict', message));
    const longer = bytesOf(`${allowed}mallory ${signer.publicKey}\n`);
    for (const over of [
      { [sigPath]: own },
      { [sigPath]: asVerdict },
      { [sigPath]: null },
      { [sigPath]: new Uint8Array([0xff]) },
      { [allowedSignersPath]: longer },
      { [allowedSignersPath]: null },
    ]) {
      const loaded = await load(over);
      expect(loaded.distrust).not.toBeNull();
      expect(loaded.signers.entries).toEqual([]);
    }
  });
});

describe('a manual review', () => {
  withSshKeygen(`made by ssh-keygen -Y sign counts for one tree, base and spec, and no other${why}`, () => {
    const line = sshKeygen(at('reviewer'), 'ed25519');
    const [tree, base, spec] = [hex('a', 40), hex('b', 40), hex('c')];
    const signature = sshSign(at('reviewer'), 'caws-review', reviewMessage(tree, base, spec));
    const state = (message: Uint8Array, signers = `alice namespaces="caws-review" ${line}`): string =>
      keyring.verify({
        message,
        signature,
        namespace: 'caws-review',
        nowMs,
        allowedSigners: readSigners(bytesOf(signers)).signers,
      }).state;
    expect(state(reviewMessage(tree, base, spec))).toBe('valid');
    expect(state(reviewMessage(base, tree, spec))).toBe('broken');
    expect(state(reviewMessage(tree, base, hex('d')))).toBe('broken');
    expect(state(reviewMessage(tree, base, spec), `alice namespaces="caws-waiver" ${line}`)).toBe('wrong-namespace');
  });
});
