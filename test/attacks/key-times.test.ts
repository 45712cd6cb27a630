import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import { publish } from '../../src/app/adjudicate/publish/publish.js';
import { recordBundle } from '../../src/app/verdict/record-bundle.js';
import { verify as verdictVerify } from '../../src/app/verdict/verify.js';
import { verifyRange } from '../../src/app/verify-range/verify-range.js';
import { endSigner, keyOf } from '../../src/core/caws/keys/edit-signers.js';
import { keyIdOf } from '../../src/core/caws/keys/key-id.js';
import { renderRevocations } from '../../src/core/caws/keys/revocations.js';
import { nowMs as wallMs } from '../../src/core/caws/verdict/fixtures/matter.js';
import type { Verdict } from '../../src/core/caws/verdict/verdict.js';
import type { Ports } from '../../src/ports/ports.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { Signer } from '../../src/ports/signer.js';
import { createGround, type Ground } from './publication-world.js';

// Keys that end, are rotated out or are stolen: what counts is what the log proves, and never a time that a signer writes.
let ground: Ground;
let root: Signer;
let log: Signer;
let ended: string;
let verdicts = 1;
let lastFolder = '';
const hourMs = 3_600_000;
const endMs = wallMs + hourMs;

const at = (nowMs: number): Ports => ({ ...ground.ports, clock: { ...ground.ports.clock, nowMs: () => nowMs } });
const load = async (name: string): Promise<Signer> =>
  (await ground.ports.keyring.loadSigner(join(ground.ports.places.configHome, 'keys', name), null)).signer;

beforeAll(async () => {
  ground = await createGround();
  [root, log] = [await load('root'), await load('log')];
  const human = ground
    .ask('show', `${ground.base}:.caws/keys/allowed_signers`)
    .split('\n')
    .find((l) => l.startsWith('ada'));
  const keys = [
    ground.verdictKey.publicKey,
    ground.publishKey.publicKey,
    human?.replace(/^.*(ssh-ed25519 )/, '$1') ?? '',
  ];
  const text = keys.reduce(
    (signers, key) => endSigner(signers, keyOf(key), endMs),
    ground.ask('show', `${ground.base}:.caws/keys/allowed_signers`),
  );
  ended = await govern({ 'keys/allowed_signers': text }, ground.base);
});
afterAll(() => ground.close());
beforeEach(() => ground.ask('update-ref', 'refs/heads/main', ended));

/** A person's signed commit of files under .caws, the keyring's own signed by the root. */
async function govern(files: Readonly<Record<string, string>>, on: string): Promise<string> {
  const signed: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    signed[`.caws/${path}`] = text;
    if (path.startsWith('keys/')) signed[`.caws/${path}.sig`] = await root.sign('caws-keyring', Buffer.from(text));
  }
  return ground.commit('govern', signed, { on, key: ground.humanKeyFile });
}

interface Landing {
  readonly on?: string;
  readonly wall?: number;
  readonly logSigner?: Signer | null;
  readonly before?: number;
}

/** Judged and published while the keys were good; with its place in a log of so many entries, unless `logSigner` is null. */
async function land({ on = ended, wall = wallMs, logSigner = log, before = 0 }: Landing = {}): Promise<string> {
  let verdict: Verdict | undefined;
  const edit = (made: Verdict): Verdict =>
    (verdict = { ...made, clock: { ...made.clock, wall: new Date(wall).toISOString() } });
  const folder = await ground.judge(
    { 'src/postage.js': `export const postage = ${(verdicts += 1)};\n` },
    { base: on, edit },
  );
  lastFolder = folder;
  if (verdict === undefined) throw new Error('nothing was judged');
  if (logSigner !== null) {
    const ledger = createMemoryLedger('arbiter.test/times');
    const other = (number: number) => ({ apiVersion: '1.0.0', kind: 'note', spec: { number } });
    if (before > 0)
      await ledger.append(
        Array.from({ length: before }, (_, number) => ({ key: `n/${number}`, draft: other(number) })),
      );
    await recordBundle(
      { verdict, signer: ground.verdictKey, logSigner, outDir: folder },
      { files: ground.ports.files, ledger },
    );
  }
  ground.ask('update-ref', 'refs/heads/main', on);
  // The store of this test holds no such verdict, so that only the record is written.
  const runtime = { ...ground.ports.runtime, open: () => Promise.resolve(emptyRuntime as OpenRuntime) };
  const ports: Ports = { ...at(wallMs), runtime };
  const done = await publish.run(ports, { repository: ground.clone, target: folder }, ground.world.context);
  return done.commit ?? '';
}
const emptyRuntime = {
  ledger: createMemoryLedger('arbiter.test/empty'),
  close: () => Promise.resolve(),
} as Partial<OpenRuntime>;

const verify = (head: string, nowMs: number, base = ended) =>
  verifyRange.run(
    at(nowMs),
    verifyRange.input.parse({ repository: ground.clone, range: `${base}..${head}` }),
    ground.world.context,
  );

describe('a key that has ended', () => {
  it('still counts for what the log proves to be of before, and not for what nothing proves', async () => {
    const proven = await land();
    expect(await verify(proven, wallMs)).toMatchObject({ verified: true });
    expect(await verify(proven, endMs + hourMs)).toMatchObject({ verified: true, commits: 1 });
    const bare = await land({ logSigner: null });
    expect(await verify(bare, wallMs)).toMatchObject({ verified: true });
    const { refusals } = await verify(bare, endMs + hourMs);
    expect(refusals).toMatchObject([{ reason: 'verdict-signature' }]);
    expect(refusals[0]?.detail).toMatch(/nothing in the log proves that it was signed while the key was good/);
  });

  it('lets a verdict’s file verify by its bundle after the end, and not without it', async () => {
    await land();
    const folder = lastFolder;
    const signers = join(ground.world.home, 'ended-signers');
    writeFileSync(signers, ground.ask('show', `${ended}:.caws/keys/allowed_signers`));
    const check = async () =>
      verdictVerify.run(
        at(endMs + hourMs),
        { file: join(folder, 'verdict.yaml'), repository: ground.clone, allowedSigners: signers },
        ground.world.context,
      );
    expect(await check()).toMatchObject({ verified: true, signer: { name: 'arbiter' } });
    rmSync(join(folder, 'verdict.sigstore.json'));
    const without = await check();
    expect(without).toMatchObject({ verified: false });
    expect(without.explanation.join('\n')).toMatch(/FAIL signature: expired-key/);
  });

  it('counts no more for a verdict that says itself to be of after its end', async () => {
    const late = await land({ wall: endMs + hourMs });
    expect((await verify(late, endMs + 2 * hourMs)).refusals).toMatchObject([{ reason: 'verdict-signature' }]);
  });

  it('is not brought back by a thief who writes an earlier time and a log of their own', async () => {
    const thief = await ground.ports.keyring.createKey(join(ground.world.home, 'thief-log'), 'log', null);
    await expect(land({ logSigner: thief })).rejects.toMatchObject({
      code: 'VERDICT_UNPUBLISHABLE',
      message: expect.stringMatching(/does not know the key of the log/) as string,
    });
  });

  it('of a person counts for a commit that a logged verdict was judged upon, and for no other', async () => {
    const human = await govern({ 'note.yaml': 'a: 1\n' }, ended);
    const built = await land({ on: human });
    expect(await verify(built, endMs + hourMs)).toMatchObject({ verified: true, commits: 2 });
    expect((await verify(human, endMs + hourMs)).refusals).toMatchObject([{ commit: human, reason: 'unsigned' }]);
    const unlogged = await land({ on: human, logSigner: null });
    expect((await verify(unlogged, endMs + hourMs)).refusals).toHaveLength(2);
  });
});

describe('a key that was stolen and is revoked later', () => {
  const revoke = (size: number, on: string) =>
    govern(
      {
        'keys/revoked.yaml': renderRevocations({
          version: 1,
          revoked: [ground.verdictKey, ground.publishKey].map(({ publicKey }) => ({
            key_id: keyIdOf(keyOf(publicKey)) ?? '',
            as_of_size: size,
            revoked_at: '2026-01-01T00:00:00.000Z',
            reason: null,
          })),
        }),
      },
      on,
    );

  it('counts below its size of the log; what it signed above is named, also in commits of before the revocation', async () => {
    const good = await land({ before: 2 });
    expect(await verify(await revoke(3, good), wallMs)).toMatchObject({ verified: true, commits: 2 });
    const stolen = await land({ before: 3 });
    expect(await verify(stolen, wallMs)).toMatchObject({ verified: true });
    const { refusals } = await verify(await revoke(3, stolen), wallMs);
    expect(refusals).toMatchObject([{ commit: stolen, reason: 'verdict-signature' }]);
    expect(refusals[0]?.detail).toMatch(/revoked as of log size 3/);
  });

  it('does not count where nobody knows the place in the log', async () => {
    const bare = await land({ logSigner: null });
    const { refusals } = await verify(await revoke(1000, bare), wallMs);
    expect(refusals[0]?.detail).toMatch(/it is not known where in the log this stands/);
  });
});
