import { z } from 'zod';
import { digestBytes, digestText, encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import { contentKinds, erasureAppend, erasureKey } from '../../core/records/content-entries.js';
import type { ContentFaultCode } from '../../ports/content-store.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { admit } from '../adjudicate/admit.js';
import { type FoundContents, erasableParts, findContents, inUse } from '../contents/find-contents.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { useRepository } from '../use-repository.js';
import { requireApprover } from '../waivers/approver-word.js';
import { takeSignature } from '../waivers/take-signature.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex');
const inputSchema = z.strictObject({
  repository: z.string().min(1).describe('Whose approvers may say so.'),
  content: hash.optional().describe('One content, by its SHA-256 or its commitment.'),
  task: z.string().min(1).optional().describe('Contents of this task.'),
  verdict: z.string().min(1).optional().describe('Contents behind this verdict.'),
  parts: z
    .array(z.enum(erasableParts))
    .min(1)
    .default([...erasableParts]),
  reason: z
    .string()
    .regex(/^[^\p{Cc}\u2028\u2029]{1,200}$/u, 'is one line of at most 200 characters')
    .describe('Why. It stays in the log for good.'),
  signature: z.string().min(1).optional().describe('The .sig file over the line that is printed without one.'),
  key: z.string().min(1).optional().describe('An approver’s own key, which signs now.'),
});
export type LedgerEraseInput = z.input<typeof inputSchema>;

/** What `arbiter ledger erase` tells. */
export const ledgerErasureSchema = z
  .strictObject({
    erased: z.boolean().describe('False: nothing was signed yet, and nothing is gone.'),
    contents: z.array(z.strictObject({ what: z.enum([...contentKinds, 'content']), sha256: hash, commitment: hash })),
    task_log: z.string().nullable().describe('The task whose log lines go too.'),
    erased_before: z.number().int().nonnegative(),
    statement: z.string().describe('The line that an approver signs.'),
    by: z.string().nullable(),
    entries: z.array(z.number().int().nonnegative()).describe('Where the ledger says so.'),
  })
  .meta({ id: 'LedgerErasure' });
export type LedgerErasure = z.infer<typeof ledgerErasureSchema>;

/**
 * Erases contents and their salts, so that what the log holds of them tells nothing. A person with an approver's key says
 * so; without a signature it only tells what would go and which line to sign. The ledger's entry comes first and the
 * database asks for it; what a crash left in between is finished by doing the same again.
 * @throws ERASURE_INVALID, CONTENT_UNKNOWN, CONTENT_ERASED, CONTENT_IN_USE, TASK_UNKNOWN, and what `takeSignature` throws
 */
export const ledgerErase: Operation<LedgerEraseInput, LedgerErasure> = {
  name: 'ledger erase',
  summary: 'erase a prompt, a transcript or a diff on request; the log still verifies, and says so',
  role: 'human',
  input: inputSchema,
  output: ledgerErasureSchema,
  run: (ports, input, { signal }) =>
    useRepository(ports, input.repository, signal, (git) =>
      useRuntime(ports, signal, (runtime) => erase(ports, git, runtime, inputSchema.parse(input))),
    ),
};

async function erase(
  ports: Ports,
  git: GitSession,
  runtime: OpenRuntime,
  asked: z.infer<typeof inputSchema>,
): Promise<LedgerErasure> {
  const found = await findContents(ports, runtime, asked);
  refuseNothing(found);
  await refuseHeld(git, runtime, found);
  const statement = statementOf(found, asked.reason);
  const told = {
    contents: found.contents.map(({ what, sha256, commitment }) => ({ what, sha256, commitment })),
    task_log: found.taskLog,
    erased_before: found.erasedBefore,
    statement,
  };
  if (asked.signature === undefined && asked.key === undefined)
    return { ...told, erased: false, by: null, entries: [] };
  const word = {
    statement: encodeUtf8(statement),
    armored: await takeSignature(ports, git, asked, encodeUtf8(statement)),
  };
  const mend = 'an approver of .caws/arbiter.yaml at the base signs the line that arbiter ledger erase prints';
  const { signer, keyId } = requireApprover(await readLaw(ports, git), word, { what: 'this erasure', mend });
  const said = { by: signer, key_id: keyId, signature_sha256: digestText(word.armored), reason: asked.reason };
  const entries = await enter(runtime, found, { ...said, at_ms: ports.clock.nowMs() });
  // What is looked for comes last, so that whoever was stopped finds it again and does the rest.
  await removeCopies(ports, found);
  if (found.taskLog !== null) await runtime.contents.eraseLog(found.taskLog);
  for (const { commitment } of found.contents) await runtime.contents.erase(commitment, ports.clock.nowMs());
  return { ...told, erased: true, by: signer, entries };
}

/** The line that is signed: of these very contents, in any order, for this reason. */
function statementOf({ contents, taskLog }: FoundContents, reason: string): string {
  const names = contents.map(({ commitment }) => commitment).sort();
  const log = taskLog === null ? '' : ` and the log of task ${taskLog}`;
  return `arbiter ledger erase: ${names.length} contents sha256:${digestText(names.join('\n'))}${log} because: ${reason}\n`;
}

function refuseNothing({ contents, taskLog, erasedBefore }: FoundContents): void {
  if (contents.length > 0 || taskLog !== null) return;
  if (erasedBefore === 0) {
    throw new Fault<ContentFaultCode>('CONTENT_UNKNOWN', 'the store holds nothing of that', {
      mend: 'arbiter task show says what became of the task',
    });
  }
  throw new Fault<ContentFaultCode>(
    'CONTENT_ERASED',
    `${erasedBefore} of these contents were erased before, and none is left`,
    {
      mend: 'nothing is left to do; arbiter ledger show erasure/COMMITMENT says by whom, when and why',
    },
  );
}

/** Another task may rest on the same bytes, and approvers of one repository have no say in another's. */
async function refuseHeld(git: GitSession, { contents }: OpenRuntime, found: FoundContents): Promise<void> {
  for (const { sha256 } of found.contents) {
    for (const { taskId, ended, repository } of await contents.holders(sha256)) {
      if (!ended) throw inUse(taskId, 'it names the same content');
      if (repository === git.root) continue;
      throw new Fault<ContentFaultCode>('CONTENT_IN_USE', `task ${taskId} of ${repository} names this content`, {
        mend: `ask where its approvers are: arbiter ledger erase -C ${repository}`,
      });
    }
  }
}

async function readLaw(ports: Ports, git: GitSession) {
  const base = await git.resolveCommit((await git.protectedTip())?.commit ?? 'HEAD');
  const options = { spec: undefined, needsSpec: false, workers: [], desk: null };
  return admit(ports, git, { base, head: null, tree: base.tree }, options);
}

/** Entries of what has none yet: an erasure that a crash cut short has its own already. */
async function enter(
  { ledger }: OpenRuntime,
  { contents, taskLog }: FoundContents,
  said: Omit<Parameters<typeof erasureAppend>[0], 'commitment' | 'task_log'>,
): Promise<number[]> {
  const wanted = [
    ...contents.map(({ commitment }) => ({ commitment, task_log: null })),
    ...(taskLog === null ? [] : [{ commitment: null, task_log: taskLog }]),
  ];
  const places: number[] = [];
  const missing = [];
  for (const one of wanted) {
    const of = one.commitment === null ? { taskLog: one.task_log } : { commitment: one.commitment };
    const known = await ledger.find(erasureKey(of));
    if (known === null) missing.push(erasureAppend({ ...said, ...one }));
    else places.push(known.index);
  }
  return [...places, ...(await ledger.append(missing)).map(({ index }) => index)];
}

/** The diff of a recorded verdict lies beside it as a file. */
async function removeCopies({ files, places }: Ports, { taskId, contents }: FoundContents): Promise<void> {
  if (taskId === null) return;
  const folder = `${places.stateHome}/verdicts/${taskId}`;
  for (const name of await files.list(folder)) {
    const file = `${folder}/${name}/change.diff`;
    if (!(await files.exists(file))) continue;
    const digest = digestBytes(await files.readFile(file));
    if (contents.some(({ sha256 }) => sha256 === digest)) await files.removeFile(file);
  }
}
