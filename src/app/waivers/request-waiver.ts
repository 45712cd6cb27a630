import { logWaiver } from './log-waiver.js';
import { z } from 'zod';
import { type WrittenWaiver, composeWaiver, reasonCodeSchema } from '../../core/caws/dialects/compose-waiver.js';
import { assessWaiver, waiverCapDaysOf } from '../../core/caws/verdict/assess-waiver.js';
import { normalIdentity } from '../../core/caws/verdict/identity.js';
import { digestBytes, encodeUtf8 } from '../../core/digest.js';
import { Fault, isFault } from '../../core/fault.js';
import { dayMs, formatInstant } from '../../core/time.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { StoredWaiver } from '../../ports/waiver-store.js';
import type { Constitution } from '../adjudicate/admit.js';
import { waiverFolder } from '../constitution/constitution-files.js';
import { submittedOf } from './gather-waivers.js';
import { type WaiverNeed, needOfTask } from './waiver-need.js';
import { type WaiverFaultCode, readWaiverLaw } from './waiver-law.js';

const words = z.string().trim().min(1).max(2000);

export const waiverRequestSchema = z.strictObject({
  repository: z.string().min(1),
  task: z.string().min(1).optional().describe('Fill in what the verdict of this waiting task asks for, for it alone.'),
  spec: z.string().min(1).optional(),
  gates: z.array(z.string().min(1)).max(32).default([]),
  paths: z.array(z.string().min(1)).max(1000).default([]),
  files: z.number().int().nonnegative().optional().describe('What it adds to the budget of files.'),
  lines: z.number().int().nonnegative().optional().describe('What it adds to the budget of lines.'),
  title: z.string().trim().min(5).max(200).optional(),
  reason: words.describe('Documented necessity (CAWS §5.2).'),
  reasonCode: reasonCodeSchema.default('other'),
  mitigation: words,
  riskOwner: words.optional().describe('Who carries the risk; who asks, when left out.'),
  as: words.optional().describe('Who asks; the git user of the repository, when left out.'),
  days: z
    .number()
    .positive()
    .optional()
    .describe('How long it lasts; 7 days, or the cap of the tier when that is less.'),
  maxUses: z.number().int().min(1).max(100).default(1),
  out: z.string().min(1).optional().describe('Where the file is written.'),
});
export type WaiverRequest = z.infer<typeof waiverRequestSchema>;

/** A waiver that was asked for, and the file that holds its bytes. */
export interface Requested {
  readonly waiver: StoredWaiver;
  readonly file: string;
}

/**
 * Writes the file of a waiver, valid in the dialects B and C, under the next free number, and stores its bytes. What would
 * be refused whoever signed it, such as a life over the cap of its tier, is refused now.
 * @throws WAIVER_INVALID, FILE_EXISTS, and what `readWaiverLaw` throws
 */
export async function requestWaiver(
  ports: Ports,
  git: GitSession,
  runtime: OpenRuntime,
  input: WaiverRequest,
): Promise<Requested> {
  const repositoryId = await git.repositoryId();
  const taskId = input.task === undefined ? null : await runtime.tasks.find(input.task);
  const { law, base, task } = await readWaiverLaw(ports, git, runtime, { specId: input.spec ?? null, taskId });
  const need = task === null ? needOfFlags(input) : await needOfTask(ports, runtime.tasks, task);
  const asks = await whoAsks(git, input, law);
  for (let tries = 0; ; tries += 1) {
    const id = await nextId(git, runtime, repositoryId, base);
    const written = compose(input, { id, need, law, taskId, repositoryId, asks });
    const bytes = encodeUtf8(written);
    const stored: StoredWaiver = {
      repositoryId,
      id,
      sha256: digestBytes(bytes),
      bytes,
      specId: law.spec?.id ?? '',
      taskId,
      root: git.root,
      requestedBy: asks,
      atMs: law.nowMs,
      events: [],
      uses: [],
    };
    refuseHopeless(ports, law, stored);
    try {
      await runtime.waivers.submit(stored);
    } catch (error) {
      // Somebody else asked at the same moment and has the number.
      if (!isFault(error, 'WAIVER_EXISTS') || tries >= 20) throw error;
      continue;
    }
    const file = input.out ?? `${ports.places.stateHome}/waivers/${repositoryId.slice(0, 12)}/${id}.yaml`;
    await ports.files.writeNewFile(file, bytes);
    await logWaiver(runtime, repositoryId, id);
    return { waiver: stored, file };
  }
}

function needOfFlags({ spec, gates, paths }: WaiverRequest): WaiverNeed {
  if (spec === undefined || gates.length === 0) {
    throw invalid('it is not said what the waiver is for', 'name --task ID, or --spec ID and --gate NAME');
  }
  return { gates, paths, files: 0, lines: 0 };
}

async function whoAsks(git: GitSession, { as }: WaiverRequest, law: Constitution): Promise<string> {
  const asks = as ?? (await git.userAddress());
  if (asks === null) throw invalid('it is not known who asks', 'name yourself with --as, or set git config user.email');
  if (law.workers.map(normalIdentity).includes(normalIdentity(asks))) {
    throw invalid(`${asks} worked on the task, and may not ask for its waiver`, 'let a person ask (--as)');
  }
  return asks;
}

/** The number after the last one, in the store and at the base. */
async function nextId(
  git: GitSession,
  { waivers }: Pick<OpenRuntime, 'waivers'>,
  repositoryId: string,
  base: string,
): Promise<string> {
  const names = [
    ...(await waivers.list(repositoryId)).map(({ id }) => id),
    ...(await git.listFiles(base, waiverFolder)).map(({ path }) => path),
  ];
  const last = names.reduce((most, name) => Math.max(most, Number(/WV-(\d{4})(?!\d)/.exec(name)?.[1] ?? 0)), 0);
  if (last >= 9999)
    throw invalid('all numbers up to WV-9999 are taken', 'write the waiver by hand, under an id of dialect C');
  return `WV-${String(last + 1).padStart(4, '0')}`;
}

interface Composing {
  readonly id: string;
  readonly need: WaiverNeed;
  readonly law: Constitution;
  readonly taskId: string | null;
  readonly repositoryId: string;
  readonly asks: string;
}

function compose(input: WaiverRequest, { id, need, law, taskId, repositoryId, asks }: Composing): string {
  const { spec, nowMs } = law;
  const approvers = approversFor(law, asks);
  const paths = input.paths.length > 0 ? input.paths : need.paths;
  const gates = [...new Set([...need.gates, ...input.gates])];
  const specId = spec?.id ?? '';
  const written: WrittenWaiver = {
    id,
    title: input.title ?? `${gates.join(', ')} of ${specId}`,
    status: 'active',
    gates,
    reason: input.reason,
    reason_code: input.reasonCode,
    mitigation: input.mitigation,
    risk_owner: input.riskOwner ?? asks,
    requested_by: asks,
    // Both dialects want names; who really approves is who signs.
    approved_by: approvers[0] ?? '',
    approvers: approvers.map((handle) => ({ handle })),
    created_at: formatInstant(nowMs),
    expires_at: formatInstant(nowMs + Math.floor(daysOf(input, law) * dayMs)),
    scope: {
      spec_id: specId,
      ...(paths.length === 0 ? {} : { paths: [...paths] }),
      ...(taskId === null ? {} : { task_id: taskId }),
      repository_id: repositoryId,
    },
    applies_to: specId,
    delta: { max_files: input.files ?? need.files, max_loc: input.lines ?? need.lines },
    constraints: { max_uses: input.maxUses },
  };
  const { text, errors } = composeWaiver(written);
  const [error] = errors;
  if (error !== undefined) throw invalid(error.message, error.hint);
  return text;
}

function approversFor({ config }: Constitution, asks: string): string[] {
  const others = config.approvers.filter((approver) => normalIdentity(approver) !== normalIdentity(asks));
  if (others.length > 0) return others;
  throw invalid(
    'nobody may approve it: .caws/arbiter.yaml at the base lists no approver but who asks',
    'have a human list approvers: [NAME] there, and their keys in .caws/keys/allowed_signers',
  );
}

function daysOf({ days }: WaiverRequest, law: Constitution): number {
  const cap = waiverCapDaysOf(law.waiverContext);
  if (days === undefined) return Math.min(7, cap);
  if (days <= cap) return days;
  throw invalid(
    `${days} days are more than the ${cap} that tier ${law.waiverContext.riskTier} allows`,
    `ask for ${cap} days or fewer`,
  );
}

/** Refuses what would not count if it were signed: all that stands against it must be that nobody has. */
function refuseHopeless(ports: Ports, law: Constitution, stored: StoredWaiver): void {
  const unsigned = { state: 'unsigned', detail: 'nobody has signed it yet' } as const;
  const assessed = assessWaiver(
    submittedOf(ports.documents, stored, () => [unsigned]),
    law.waiverContext,
  );
  if (assessed.standing === 'valid' || assessed.reason === 'unsigned') return;
  throw invalid(`it would not count (${assessed.reason}): ${assessed.detail}`, 'mend that and ask again');
}

function invalid(message: string, mend: string): Fault<WaiverFaultCode> {
  return new Fault('WAIVER_INVALID', message, { mend });
}
