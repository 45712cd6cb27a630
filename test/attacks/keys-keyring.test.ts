import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllowedSigners } from '../../src/core/caws/keys/allowed-signers.js';
import { keysExportSigners } from '../../src/app/keys/export-signers.js';
import { keysInit } from '../../src/app/keys/make-keys.js';
import { keysRevoke } from '../../src/app/keys/revoke-key.js';
import { keysRotate } from '../../src/app/keys/rotate-key.js';
import { type KeysGround, keysGround } from './keys-ground.js';

// Whoever writes the repository writes its keyring too; only the root's word makes it count.
let ground: KeysGround;
beforeEach(async () => {
  ground = await keysGround();
});
afterEach(() => ground.world.close());

const inKeys = (name: string): string => join(ground.directory, '.caws/keys', name);

async function signAsRoot(text: string): Promise<void> {
  writeFileSync(inKeys('allowed_signers'), text);
  writeFileSync(
    inKeys('allowed_signers.sig'),
    await (await ground.signer('root')).sign('caws-keyring', Buffer.from(text)),
  );
}

describe('an allowed_signers changed without the root', () => {
  it('lets nobody in, is not signed by any command, and is not given out; its twin signed by the root is', async () => {
    const { world, input } = ground;
    const mallory = await world.ports.keyring.createKey(join(world.home, 'mallory'), 'm', null);
    const file = await ground.sign(mallory);
    const changed = `${ground.keysFile('allowed_signers')}arbiter namespaces="caws-verdict" ${mallory.publicKey}\n`;
    writeFileSync(inKeys('allowed_signers'), changed);
    expect(await ground.refusal(file)).toContain('allowed_signers is not signed by the pinned root');
    const { keyId } = await ground.signer('verdict');
    for (const tried of [
      () => keysInit.run(world.ports, input, world.context),
      () => keysRotate.run(world.ports, { ...input, role: 'verdict' }, world.context),
      () => keysRevoke.run(world.ports, { ...input, keyId, asOfSize: 1 }, world.context),
      () => keysExportSigners.run(world.ports, input, world.context),
    ]) {
      await expect(tried()).rejects.toMatchObject({ code: 'KEYRING_UNTRUSTED' });
    }
    expect(ground.keysFile('allowed_signers')).toBe(changed);
    // Signed by itself, or by the root for another purpose, it is no better.
    writeFileSync(inKeys('allowed_signers.sig'), await mallory.sign('caws-keyring', Buffer.from(changed)));
    expect(await ground.refusal(file)).toContain('not signed by the pinned root');
    const root = await ground.signer('root');
    writeFileSync(inKeys('allowed_signers.sig'), await root.sign('caws-verdict', Buffer.from(changed)));
    expect(await ground.refusal(file)).toContain('not signed by the pinned root');
    await signAsRoot(changed);
    expect(await ground.refusal(file)).toBe('');
  });

  it('a foreign root and its own keyring count for nothing, with the root key at hand too', async () => {
    const { world, input } = ground;
    const foreign = await world.ports.keyring.createKey(join(world.home, 'foreign-root'), 'r', null);
    const text = ground.keysFile('allowed_signers');
    writeFileSync(inKeys('allowed_signers.sig'), await foreign.sign('caws-keyring', Buffer.from(text)));
    expect(await ground.refusal(await ground.sign(await ground.signer('verdict')))).toContain('pinned root');
    const rotate = keysRotate.run(
      world.ports,
      { ...input, role: 'verdict', rootKey: join(world.home, 'foreign-root') },
      world.context,
    );
    await expect(rotate).rejects.toMatchObject({ code: 'KEYRING_UNTRUSTED' });
  });
});

describe('lines that the root signed', () => {
  it.each([
    ['an expired line', 'namespaces="caws-verdict",valid-before="20200101Z"', 'expired-key'],
    ['a line that is not valid yet', 'namespaces="caws-verdict",valid-after="29990101Z"', 'expired-key'],
    ['a line for other things', 'namespaces="caws-waiver"', 'wrong-namespace'],
    ['a line that shares the key with another role', 'namespaces="caws-verdict,caws-log"', 'foreign'],
  ])('%s lets no verdict through', async (_name, options, state) => {
    const verdict = await ground.signer('verdict');
    const file = await ground.sign(verdict);
    await signAsRoot(`arbiter ${options} ${verdict.publicKey}\n`);
    expect(await ground.refusal(file)).toContain(state);
    await signAsRoot(`arbiter namespaces="caws-verdict" ${verdict.publicKey}\n`);
    expect(await ground.refusal(file)).toBe('');
  });
});

describe('attack 14: a signature of one kind is offered as another', () => {
  it('honest twin: each role’s signature counts in its own namespace and in no other', async () => {
    const { world, input } = ground;
    await keysInit.run(
      world.ports,
      { ...input, roles: ['log', 'publish', 'witness', 'waiver'], name: 'ada' },
      world.context,
    );
    const allowedSigners = parseAllowedSigners(ground.keysFile('allowed_signers'));
    const nowMs = world.ports.clock.nowMs();
    const message = Buffer.from('the very same bytes');
    const namespaces = [
      'caws-verdict',
      'caws-log',
      'git',
      'caws-witness',
      'caws-waiver',
      'caws-review',
      'caws-keyring',
    ];
    const own: Record<string, readonly string[]> = {
      root: [],
      verdict: ['caws-verdict'],
      log: ['caws-log'],
      publish: ['git'],
      witness: ['caws-witness'],
      'waiver-ada': ['caws-waiver', 'caws-review'],
    };
    for (const [role, may] of Object.entries(own)) {
      const signer = await ground.signer(role);
      for (const made of namespaces) {
        const signature = await signer.sign(made, message);
        const taken = namespaces.filter(
          (namespace) =>
            world.ports.keyring.verify({ message, signature, namespace, allowedSigners, nowMs }).state === 'valid',
        );
        expect([role, made, taken]).toEqual([role, made, may.includes(made) ? [made] : []]);
      }
    }
  });

  it('a verdict signed as a waiver by the verdict key itself is refused, and its twin is not', async () => {
    const verdict = await ground.signer('verdict');
    const file = await ground.sign(verdict);
    expect(await ground.refusal(file)).toBe('');
    writeFileSync(`${file}.sig`, await verdict.sign('caws-waiver', readFileSync(file)));
    expect(await ground.refusal(file)).toContain('wrong-namespace');
  });
});
