import { z } from 'zod';
import { recordRef } from '../../core/caws/publication/publisher.js';
import { type Refusal, refusalSchema } from '../../core/caws/publication/range-report.js';
import { Fault, isFault } from '../../core/fault.js';
import type { GitFaultCode, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { coverRange } from '../verify-range/cover-range.js';
import { refuse } from '../verify-range/cover-desk.js';
import { createKeyringReader } from '../verify-range/read-keyrings.js';
import { readRootKey } from '../verify-range/root-key.js';
import { findRecord } from '../verify-range/verify-range.js';
import { judgeRecord } from './judge-record.js';

const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const updateSchema = z.strictObject({ old: objectId, new: objectId, ref: z.string().min(1) });
type Update = z.infer<typeof updateSchema>;

const receiveInputSchema = z.strictObject({
  repository: z.string().min(1),
  updates: z.array(updateSchema).max(100_000),
  protect: z.array(z.string().min(1)).min(1).describe('Whole names of the protected refs.'),
  quarantine: z.string().min(1).optional().describe('Where git keeps the objects of the push meanwhile.'),
  root: z.string().min(1).optional(),
  allowLocal: z.boolean().default(false),
  advisory: z.boolean().default(false).describe('Tell what a server would refuse, and refuse nothing.'),
});
export type ReceiveInput = z.infer<typeof receiveInputSchema>;

const receiveOutputSchema = z
  .strictObject({ accepted: z.boolean(), advisory: z.boolean(), refusals: z.array(refusalSchema) })
  .meta({ id: 'ReceiveResult' });
export type ReceiveOutput = z.infer<typeof receiveOutputSchema>;

const isNone = (id: string): boolean => /^0+$/.test(id);

/**
 * Judges the updates of one push: protected refs by exact cover, the record by its growth. Other refs are free.
 * @throws what `coverRange` and `judgeRecord` throw; a hook that ends with a fault refuses, too
 */
export const receive: Operation<ReceiveInput, ReceiveOutput> = {
  name: 'hook receive',
  summary: 'judge the updates of a push; the installed hooks call it',
  role: 'anyone',
  input: receiveInputSchema,
  output: receiveOutputSchema,
  async run(ports, input, { signal }) {
    const { quarantine, advisory } = input;
    const rootKey = await readRootKey(ports, input.root);
    const git = await ports.git.open(input.repository, { signal, ...(quarantine === undefined ? {} : { quarantine }) });
    try {
      const refusals: Refusal[] = [];
      for (const update of input.updates)
        refusals.push(...(await judgeUpdate(ports, git, { ...input, rootKey }, update)));
      return { accepted: refusals.length === 0 || advisory, advisory, refusals };
    } catch (error) {
      throw advisory ? error : forThePusher(error);
    } finally {
      await git.close();
    }
  },
};

/** Who pushes reads what git said on the server: what is missing there mostly was cut off in the clone. */
function forThePusher(error: unknown): unknown {
  if (!isFault(error, 'GIT_FAILED')) return error;
  return new Fault<GitFaultCode>('GIT_FAILED', `the push cannot be judged, and is refused: ${error.message}`, {
    mend: `in a shallow or partial clone run git fetch --unshallow (or --refetch) and push again; on the server: ${error.mend}`,
    cause: error,
  });
}

type Asked = ReceiveInput & { readonly rootKey: string | undefined };

async function judgeUpdate(ports: Ports, git: GitSession, asked: Asked, update: Update): Promise<Refusal[]> {
  const { ref } = update;
  if (ref !== recordRef && !asked.protect.includes(ref)) return judgeFree(ref);
  if (isNone(update.new)) return [refuse({ ref }, 'ref-deleted', `the push deletes ${ref}`)];
  if (ref === recordRef) return judgeRecordUpdate(ports, git, asked, update);
  if (isNone(update.old)) return [refuse({ ref }, 'ref-created', `the push makes ${ref} anew`)];
  // What the same push brings of the record counts: it is judged on its own line, and refused as a whole with it.
  const brought = asked.updates.find((other) => other.ref === recordRef && !isNone(other.new));
  const record = brought?.new ?? (await findRecord(git));
  const { rootKey, allowLocal: localCounts } = asked;
  const range = { base: update.old, head: update.new, record, rootKey, localCounts };
  const { refusals } = await coverRange(ports, git, range);
  return refusals.map((refusal) => ({ ...refusal, ref }));
}

/** Other refs are free, but for the place of the record: a ref above or below it would keep it from being made. */
function judgeFree(ref: string): Refusal[] {
  const isReserved = ref === 'refs/caws' || ref.startsWith('refs/caws/');
  return isReserved ? [refuse({ ref }, 'ref-reserved', `${ref} stands where the record is kept`)] : [];
}

async function judgeRecordUpdate(ports: Ports, git: GitSession, asked: Asked, update: Update): Promise<Refusal[]> {
  const protectedRef = asked.protect[0] ?? '';
  const law = await git.resolveCommit(protectedRef);
  const repositoryId = await git.repositoryId(law.id);
  const known = { repositoryId, rootKey: asked.rootKey, head: law.id };
  const keyring = await (await createKeyringReader(ports, git, known))(law.id);
  const from = isNone(update.old) ? null : update.old;
  return judgeRecord(ports, git, { ref: update.ref, from, to: update.new, keyring });
}
