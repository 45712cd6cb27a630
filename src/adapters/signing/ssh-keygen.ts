import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshKeygen } from '../../ports/ssh-keygen.js';

/** Runs `ssh-keygen -Y verify` as anyone would, without any of our own code in the way. */
export const sshKeygen: SshKeygen = {
  async verify({ allowedSigners, principal, namespace, message, signaturePath }) {
    const folder = await mkdtemp(join(tmpdir(), 'arbiter-verify-'));
    try {
      const signers = join(folder, 'allowed_signers');
      await writeFile(signers, allowedSigners);
      return await run(['-Y', 'verify', '-f', signers, '-I', principal, '-n', namespace, '-s', signaturePath], message);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function run(argv: readonly string[], input: Uint8Array): Promise<'verified' | 'refused' | 'ssh-keygen missing'> {
  return new Promise((resolve) => {
    const child = execFile('ssh-keygen', [...argv], { timeout: 10_000 }, (error) => {
      if (error === null) resolve('verified');
      else resolve(error.code === 'ENOENT' ? 'ssh-keygen missing' : 'refused');
    });
    // ssh-keygen may refuse before it has read all of it.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
