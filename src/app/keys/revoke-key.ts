import { z } from 'zod';
import { parseAllowedSigners } from '../../core/caws/keys/allowed-signers.js';
import { endSigner } from '../../core/caws/keys/edit-signers.js';
import { keyIdOf, keyIdPattern } from '../../core/caws/keys/key-id.js';
import { type Revocations, addRevocation, renderRevocations, revocationOf } from '../../core/caws/keys/revocations.js';
import { encodeUtf8 } from '../../core/digest.js';
import { formatInstant } from '../../core/time.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { useRepository } from '../use-repository.js';
import { allowedSignersPath } from '../verdict/load-keyring.js';
import { noRevocations, readRevocations, revokedPath } from '../verdict/load-revocations.js';
import { keysFault } from './keys-fault.js';
import { loadRoot } from './load-root.js';
import { readGoverned, signGoverned } from './sign-governance.js';

const inputSchema = z.strictObject({
  repository: z.string().min(1),
  keyId: z.string().regex(keyIdPattern, 'is no key id, such as SHA256:… (arbiter keys list shows them)'),
  asOfSize: z.number().int().nonnegative().describe('Size of the log at which the key was still good.'),
  reason: z.string().min(1).max(500).optional(),
  otherLog: z.boolean().optional().describe('The size is of another log than that of this store.'),
  rootKey: z.string().min(1).optional().describe('Where the root key is, when it is kept elsewhere.'),
});
export type KeysRevokeInput = z.infer<typeof inputSchema>;

const outputSchema = z
  .strictObject({
    keyId: z.string(),
    asOfSize: z.number().int().describe('What counts: the smaller one, where the key was revoked before.'),
    revokedAt: z.string(),
    reason: z.string().nullable(),
    written: z.array(z.string()).describe('Files of the work tree for a human to commit.'),
    next: z.array(z.string()),
  })
  .meta({ id: 'KeyRevoked' });
export type KeysRevokeOutput = z.infer<typeof outputSchema>;

/**
 * Revokes a key that somebody else may hold, as of a size of the log: what stands below it still counts, all else by this
 * key does not, whatever any clock says. Its line in the keyring ends as well, so that plain ssh-keygen refuses it. Run
 * again, it finishes what was begun; a revocation can be made stricter and never looser.
 * @throws REVOCATION_AHEAD, KEY_UNKNOWN, ROOT_ROTATES_BY_HAND, KEYRING_UNTRUSTED, KEY_MISSING
 */
export const keysRevoke: Operation<KeysRevokeInput, KeysRevokeOutput> = {
  name: 'keys revoke',
  summary: 'revoke a stolen key as of a size of the log',
  role: 'human',
  input: inputSchema,
  output: outputSchema,
  run: (ports, input, { signal }) =>
    useRepository(ports, input.repository, signal, async (git) => {
      if (input.otherLog !== true) await refuseAhead(ports, input.asOfSize, signal);
      const root = await loadRoot(ports, git, input.rootKey);
      refuseRoot(root, input.keyId);
      const signers = (await readGoverned(ports, git.root, allowedSignersPath, root))?.text ?? '';
      const key = findKey(signers, input.keyId);
      const nowMs = ports.clock.nowMs();
      const revocations = addRevocation(await readRevoked(ports, git.root, root), {
        key_id: input.keyId,
        as_of_size: input.asOfSize,
        revoked_at: formatInstant(nowMs),
        reason: input.reason ?? null,
      });
      // A line's last second still counts for ssh-keygen, so it ends the second before.
      const ended = endSigner(signers, key, nowMs - 1000);
      const written = await signGoverned(ports, git.root, root, [
        { path: revokedPath, text: renderRevocations(revocations) },
        { path: allowedSignersPath, text: ended },
      ]);
      const of = revocationOf(revocations, input.keyId);
      return {
        keyId: input.keyId,
        asOfSize: of?.as_of_size ?? input.asOfSize,
        revokedAt: of?.revoked_at ?? formatInstant(nowMs),
        reason: of?.reason ?? null,
        written,
        next: [
          'read and commit .caws/keys now: the revocation counts from that commit on',
          'arbiter keys rotate ROLE   gives the role a new key',
        ],
      };
    }),
};

/**
 * A size that the log has not reached would let in whatever a thief enters from now on. Where there is no store, nobody
 * here knows the log. @throws REVOCATION_AHEAD, STORE_UNAVAILABLE
 */
async function refuseAhead(ports: Ports, asOfSize: number, signal: AbortSignal): Promise<void> {
  if (!(await ports.runtime.exists())) return;
  const { size } = await useRuntime(ports, signal, ({ ledger }) => ledger.head());
  if (asOfSize <= size) return;
  throw keysFault(
    'REVOCATION_AHEAD',
    `the log of this store holds ${size} entries, and ${asOfSize} is beyond: what is signed with the stolen key from now on would count`,
    `name the size of the last checkpoint of which you know that the key was still yours, at most ${size} (arbiter ledger show); where the verdicts stand in another log than this store’s, say --other-log`,
  );
}

async function readRevoked(ports: Ports, top: string, root: Signer): Promise<Revocations> {
  const there = await readGoverned(ports, top, revokedPath, root);
  if (there === null) return noRevocations;
  const read = readRevocations(encodeUtf8(there.text), ports.documents);
  if (typeof read !== 'string') return read;
  throw keysFault(
    'KEYRING_UNTRUSTED',
    read,
    `mend it, and sign it with the root key in namespace caws-keyring`,
    revokedPath,
  );
}

function refuseRoot(root: Signer, keyId: string): void {
  if (root.keyId !== keyId) return;
  throw keysFault(
    'ROOT_ROTATES_BY_HAND',
    'a root key cannot revoke itself: whoever stole it could sign the contrary',
    'replace the root as docs/keys.md says, and tell everybody who has pinned it',
  );
}

function findKey(signers: string, keyId: string): string {
  const entries = parseAllowedSigners(signers).entries;
  const found = entries.find(({ key }) => keyIdOf(key) === keyId);
  if (found !== undefined) return found.key;
  throw keysFault(
    'KEY_UNKNOWN',
    `no line of ${allowedSignersPath} has the key ${keyId}`,
    'arbiter keys list shows the ids of all keys that may sign here',
    allowedSignersPath,
  );
}
