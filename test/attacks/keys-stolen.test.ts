import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasSshKeygen, sshVerifies } from '../../src/adapters/signing/fixtures/ssh.js';
import { adjudicate } from '../../src/app/adjudicate/adjudicate.js';
import { keysRevoke } from '../../src/app/keys/revoke-key.js';
import { keysRotate } from '../../src/app/keys/rotate-key.js';
import { product } from '../e2e/world.js';
import { type KeysGround, keysGround } from './keys-ground.js';

// Somebody has the verdict key, the clock and the work tree in their hands.
const size = 40;
let ground: KeysGround;
beforeEach(async () => {
  ground = await keysGround();
});
afterEach(() => ground.world.close());

async function revoke(role = 'verdict'): Promise<string> {
  const { keyId } = await ground.signer(role);
  await keysRevoke.run(ground.world.ports, { ...ground.input, keyId, asOfSize: size }, ground.world.context);
  return keyId;
}

const inKeys = (name: string): string => join(ground.directory, '.caws/keys', name);

describe('attack 11: the verdict key is stolen', () => {
  it('honest twin: it counts for what stands in the log below the revocation, and for nothing else', async () => {
    const thief = await ground.signer('verdict');
    const file = await ground.sign(thief);
    expect(await ground.refusal(file)).toBe('');
    const keyId = await revoke();
    for (const index of [size, size + 1, undefined]) {
      expect([index, await ground.refusal(file, index)]).toEqual([
        index,
        expect.stringContaining(`revoked-key: key ${keyId} is revoked as of log size ${size}`),
      ]);
    }
    expect(await ground.refusal(file)).toContain('not known where in the log');
    // The honest twin: a verdict of before the theft, by the same key.
    for (const index of [0, size - 1]) expect([index, await ground.refusal(file, index)]).toEqual([index, '']);
  });

  it('cannot be washed: by taking the revocation away, by loosening it, by an older keyring', async () => {
    const file = await ground.sign(await ground.signer('verdict'));
    await revoke();
    const revoked = ground.keysFile('revoked.yaml');
    writeFileSync(inKeys('revoked.yaml'), revoked.replace(`as_of_size: ${size}`, 'as_of_size: 999'));
    expect(await ground.refusal(file, size)).toContain('revoked.yaml is not signed by the pinned root');
    writeFileSync(inKeys('revoked.yaml'), 'version: 1\nversion: 1\nrevoked: []\n');
    expect(await ground.refusal(file, size)).toContain('revoked.yaml is not signed');
    rmSync(inKeys('revoked.yaml'));
    expect(await ground.refusal(file, size)).toContain('revoked.yaml is gone, and its signature is there');
    rmSync(inKeys('revoked.yaml.sig'));
    expect(await ground.refusal(file, size)).toContain('expired-key');
    writeFileSync(inKeys('revoked.yaml'), revoked);
    expect(await ground.refusal(file, size - 1)).toContain('bears no signature');
  });

  it('is not believed when the root signed a revocation that nobody can read', async () => {
    const root = await ground.signer('root');
    const file = await ground.sign(await ground.signer('verdict'));
    for (const text of [
      'version: 1\nrevoked: [{}]\n',
      'version: 1\nversion: 1\nrevoked: []\n',
      'version: 1.5\nrevoked: []\n',
      '',
    ]) {
      writeFileSync(inKeys('revoked.yaml'), text);
      writeFileSync(inKeys('revoked.yaml.sig'), await root.sign('caws-keyring', Buffer.from(text)));
      expect([text, await ground.refusal(file)]).toEqual([text, expect.stringContaining('revoked.yaml')]);
    }
    const none = 'version: 1\nrevoked: []\n';
    writeFileSync(inKeys('revoked.yaml'), none);
    writeFileSync(inKeys('revoked.yaml.sig'), await root.sign('caws-keyring', Buffer.from(none)));
    expect(await ground.refusal(file)).toBe('');
  });

  it('gives way to a new key, whose verdicts count at once', async () => {
    const thief = await ground.signer('verdict');
    await revoke();
    await keysRotate.run(ground.world.ports, { ...ground.input, role: 'verdict' }, ground.world.context);
    expect(await ground.refusal(await ground.sign(thief))).toContain('revoked-key');
    expect(await ground.refusal(await ground.sign(await ground.signer('verdict')))).toBe('');
  });

  it.skipIf(!hasSshKeygen)(
    `is refused by plain ssh-keygen too${hasSshKeygen ? '' : ' (skipped: ssh-keygen missing)'}`,
    async () => {
      const file = await ground.sign(await ground.signer('verdict'));
      const verifies = (): boolean =>
        sshVerifies({
          directory: ground.world.home,
          allowedSigners: ground.keysFile('allowed_signers'),
          principal: 'arbiter',
          namespace: 'caws-verdict',
          signature: readFileSync(`${file}.sig`, 'utf8'),
          message: readFileSync(file),
        });
      expect(verifies()).toBe(true);
      await revoke();
      expect(verifies()).toBe(false);
    },
  );
});

describe('a key that is two roles’', () => {
  it('judges nothing: the copy of another role’s key is refused where it is used', async () => {
    const { world, directory, folder } = ground;
    writeFileSync(join(directory, 'src/postage.js'), `${product['src/postage.js'] ?? ''}// a note\n`);
    const judge = (key?: string) =>
      adjudicate.run(
        world.ports,
        { repository: directory, base: 'HEAD', workTree: true, ...(key === undefined ? {} : { key }) },
        world.context,
      );
    await expect(judge(join(folder, 'root'))).rejects.toMatchObject({
      code: 'KEY_SHARED',
      message: expect.stringContaining('root'),
    });
    expect(await ground.refusal((await judge()).files.verdict)).toBe('');
  });
});
