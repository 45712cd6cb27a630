import { z } from 'zod';
import { decodeUtf8, encodeUtf8 } from '../../core/digest.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { allowedSignersPath } from '../verdict/load-keyring.js';
import { revokedPath } from '../verdict/load-revocations.js';
import { keyringNamespace, renderRootSigner } from '../verdict/root-signature.js';
import { type RepositoryHere, findRepository, loadWorkTreeKeyring } from '../verdict/work-tree-keyring.js';
import { keysFault } from './keys-fault.js';

const inputSchema = z.strictObject({
  repository: z.string().min(1),
  out: z.string().min(1).optional().describe('Where to write the signers; what belongs to them is written beside it.'),
});
export type ExportSignersInput = z.infer<typeof inputSchema>;

const outputSchema = z
  .strictObject({
    rootKeyId: z.string(),
    rootSigner: z.string().describe('The root’s public key, as an allowed_signers file that checks the signature.'),
    allowedSigners: z.string(),
    signature: z.string().describe('The root’s signature over allowedSigners, in namespace caws-keyring.'),
    revoked: z
      .strictObject({ text: z.string(), signature: z.string() })
      .nullable()
      .describe('revoked.yaml and the root’s signature over it; null where nothing was ever revoked.'),
    written: z.array(z.string()),
    commands: z.array(z.string()).describe('How somebody without our software checks it.'),
  })
  .meta({ id: 'ExportedSigners' });
export type ExportSignersOutput = z.infer<typeof outputSchema>;

/**
 * Gives what a stranger needs to check verdicts with ssh-keygen alone: the signers, the root's signature over them, the
 * root's public key. Only signers that are believed here are given out. @throws KEYRING_UNTRUSTED, WRITE_FAILED
 */
export const keysExportSigners: Operation<ExportSignersInput, ExportSignersOutput> = {
  name: 'keys export-signers',
  summary: 'give what a stranger needs to check signatures with ssh-keygen alone',
  role: 'anyone',
  input: inputSchema,
  output: outputSchema,
  async run(ports, { repository, out }, { signal }) {
    const here = await findRepository(ports, repository, signal);
    const { distrust } = await loadWorkTreeKeyring(ports, here, ports.clock.nowMs());
    const root = here === null ? null : await ports.keyring.readPinnedRoot(here.id);
    if (here === null || root === null || distrust !== null) throw untrusted(distrust);
    const signers = await readPair(ports, here, allowedSignersPath);
    const isRevoking = await ports.files.exists(`${here.root}/${revokedPath}`);
    const revoked = isRevoking ? await readPair(ports, here, revokedPath) : null;
    const rootSigner = renderRootSigner(root.publicKey);
    const files: readonly (readonly [suffix: string, text: string])[] = [
      ['', signers.text],
      ['.sig', signers.signature],
      ['.root', rootSigner],
      ...(revoked === null
        ? []
        : ([
            ['.revoked.yaml', revoked.text],
            ['.revoked.yaml.sig', revoked.signature],
          ] as const)),
    ];
    if (out !== undefined) {
      for (const [suffix, text] of files) await ports.files.replaceFile(`${out}${suffix}`, encodeUtf8(text));
    }
    return {
      rootKeyId: root.keyId,
      rootSigner,
      allowedSigners: signers.text,
      signature: signers.signature,
      revoked,
      written: out === undefined ? [] : files.map(([suffix]) => `${out}${suffix}`),
      commands: commandsFor(out?.replace(/^.*\//, '') ?? 'allowed_signers'),
    };
  },
};

async function readPair(
  ports: Ports,
  here: RepositoryHere,
  path: string,
): Promise<{ text: string; signature: string }> {
  const read = async (file: string): Promise<string> =>
    decodeUtf8(await ports.files.readFile(`${here.root}/${file}`)) ?? '';
  return { text: await read(path), signature: await read(`${path}.sig`) };
}

function commandsFor(name: string): string[] {
  return [
    `ssh-keygen -lf ${name}.root                # compare with the root's fingerprint that you were told another way`,
    `ssh-keygen -Y verify -f ${name}.root -I root -n ${keyringNamespace} -s ${name}.sig < ${name}`,
    `ssh-keygen -Y verify -f ${name} -I arbiter -n caws-verdict -s verdict.yaml.sig < verdict.yaml`,
  ];
}

function untrusted(distrust: string | null) {
  return keysFault(
    'KEYRING_UNTRUSTED',
    `these signers are not to be given out: ${distrust ?? 'there is no repository with a commit here'}`,
    'put that right first; `arbiter keys list` shows what is believed',
  );
}
