import { z } from 'zod';
import { listKeys, listedKeySchema } from '../../core/caws/keys/list-keys.js';
import type { Operation } from '../operation.js';
import { allowedSignersPath } from '../verdict/load-keyring.js';
import { findRepository, loadWorkTreeKeyring } from '../verdict/work-tree-keyring.js';
import { describeSharing, keyFolder, readKeyFolder } from './key-folder.js';

const inputSchema = z.strictObject({ repository: z.string().min(1) });
export type KeysListInput = z.infer<typeof inputSchema>;

const outputSchema = z
  .strictObject({
    folder: z.string().describe('Where the keys of this user lie.'),
    pinnedRoot: z.string().nullable().describe('Id of the root pinned for this repository.'),
    distrust: z.string().nullable().describe('Why the repository’s keyring is not believed; null when it is.'),
    keys: z.array(listedKeySchema),
    problems: z.array(z.string()).describe('What is wrong with keys; empty when all is well.'),
  })
  .meta({ id: 'KeyList' });
export type KeysListOutput = z.infer<typeof outputSchema>;

/**
 * Shows the keys of this user and those that the repository's keyring names, each with its period, its state and whether
 * its file is safe. What is wrong is shown and never a fault. @throws FILE_UNREADABLE, PINNED_ROOT_UNREADABLE
 */
export const keysList: Operation<KeysListInput, KeysListOutput> = {
  name: 'keys list',
  summary: 'show keys by role, and whether each is safe',
  role: 'anyone',
  input: inputSchema,
  output: outputSchema,
  async run(ports, { repository }, { signal }) {
    const here = await findRepository(ports, repository, signal);
    const nowMs = ports.clock.nowMs();
    const { signers, revocations, distrust } = await loadWorkTreeKeyring(ports, here, nowMs);
    const pinned = here === null ? null : await ports.keyring.readPinnedRoot(here.id);
    const found = await readKeyFolder(ports, keyFolder(ports), here?.root ?? null);
    const files = found.map(({ inspection, ...key }) => ({
      ...key,
      keyId: inspection.publicKeys[0]?.keyId ?? null,
      uid: inspection.uid,
      mode: inspection.mode,
      problem: inspection.problem,
    }));
    const ignored = signers.ignored.map(({ line, reason }) => `${allowedSignersPath}:${line} is ignored: it ${reason}`);
    return {
      folder: keyFolder(ports),
      pinnedRoot: pinned?.keyId ?? null,
      distrust,
      keys: listKeys(files, { entries: signers.entries, revocations, nowMs }),
      problems: [
        ...files.flatMap(({ problem }) => problem ?? []),
        ...[describeSharing(found) ?? []].flat(),
        ...ignored,
      ],
    };
  },
};
