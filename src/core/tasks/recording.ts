import { z } from 'zod';
import {
  type Evidence,
  type PlanOfEdit,
  type Rationale,
  evidenceSchema,
  planOfEditSchema,
  rationaleSchema,
} from '../caws/plea.js';
import { decodeUtf8, isWellFormed } from '../digest.js';
import { Fault } from '../fault.js';
import { encodeBase64, isBase64 } from '../base64.js';
import { findJsonFault } from './find-json-fault.js';
import { type Spend, nothingSpent, spendSchema } from './spend.js';

const unicode = z.string().refine(isWellFormed, 'holds half of a surrogate pair');

/** A patch as `git apply` takes it: as text, or in base64 where it is not UTF-8. */
const recordedPatchSchema = z.union([unicode, z.strictObject({ base64: z.string().refine(isBase64, 'is no base64') })]);
export type RecordedPatch = z.infer<typeof recordedPatchSchema>;

const recordedOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('change') }),
  z.strictObject({ kind: z.literal('infeasible'), clause: z.string().min(1), evidence: z.string().min(1) }),
  z.strictObject({ kind: z.literal('amendment'), paths: z.array(z.string().min(1)).min(1), why: z.string().min(1) }),
]);

const workFailureSchema = z.enum([
  'AGENT_FAILED',
  'AGENT_REFUSED_KEY',
  'BOUND_REACHED',
  'CLONE_LOST',
  'ENDPOINT_BUSY',
  'ENDPOINT_DOWN',
  'NOTHING_EDITED',
  'PLAN_UNREADABLE',
  'WORK_UNMEASURABLE',
]);

/** What an agent did when it was asked once. */
export const recordedAttemptSchema = z.strictObject({
  candidate: z.number().int().nonnegative().optional().describe('The candidate that it answers; left out: any.'),
  plan: planOfEditSchema
    .partial({ spec_id: true })
    .optional()
    .describe('Left out: what the patch touches. Its spec_id left out: the spec at hand.'),
  answer: z.json().optional().describe('Answer to a question, such as the parts of a task.'),
  patch: recordedPatchSchema.default('').describe('Against the base of the task.'),
  chunks: z
    .record(z.string(), recordedPatchSchema)
    .default({})
    .describe('Patches of parts by id, each with the parts before it.'),
  rationale: rationaleSchema.default({ summary: 'replayed', files: [], risks: [], acceptance: [] }),
  evidence: z.array(evidenceSchema).default([]),
  spend: spendSchema.default(nothingSpent),
  plan_spend: spendSchema.default(nothingSpent),
  news: z.array(z.strictObject({ kind: z.enum(['message', 'tool', 'file', 'refused']), text: z.string() })).default([]),
  delay_ms: z.number().int().nonnegative().max(3_600_000).default(0).describe('How long the work takes.'),
  outcome: recordedOutcomeSchema.default({ kind: 'change' }),
  fails: z
    .strictObject({
      code: workFailureSchema,
      message: z.string().min(1),
      again: z.boolean().default(false).describe('Whether asking again may help.'),
      at: z.enum(['plan', 'work']).default('work'),
      answer: z
        .strictObject({ status: z.number().int().nullable(), code: z.string().nullable() })
        .optional()
        .describe('What the endpoint had answered.'),
    })
    .optional(),
});
export type RecordedAttempt = z.infer<typeof recordedAttemptSchema>;

/** What an agent did for a task, attempt by attempt; replayed, it does the same. */
export const recordingSchema = z
  .strictObject({
    version: z.literal(1),
    agent: z.string().min(1).describe('Who was recorded.'),
    model: z.string(),
    attempts: z.array(recordedAttemptSchema).min(1),
  })
  .meta({ id: 'Recording' });
export type Recording = z.infer<typeof recordingSchema>;

/** A recording from its file's text. @throws RECORDING_INVALID with the place in the file */
export function readRecording(text: string, file: string): Recording {
  const parsed = recordingSchema.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? 'the top' : issue.path.join('.');
  throw invalid(`${file} is no recording: at ${at}: ${issue?.message ?? 'unreadable'}`, { file });
}

/**
 * The entry that answers an attempt, counted from 1: of those that name the candidate, else of those that name none, else
 * of all, the attempt-th, or the last when there are fewer.
 */
export function chooseEntry(recording: Recording, attempt: number, candidate: number): RecordedAttempt {
  const naming = recording.attempts.filter((entry) => entry.candidate === candidate);
  const free = recording.attempts.filter((entry) => entry.candidate === undefined);
  const [entries = recording.attempts] = [naming, free].filter((list) => list.length > 0);
  const entry = entries[Math.min(Math.max(attempt, 1), entries.length) - 1];
  if (entry === undefined) throw invalid('the recording has no attempt', {});
  return entry;
}

/** One attempt as a task stored it. */
export interface StoredAttempt {
  readonly candidate: number;
  readonly plan: PlanOfEdit | null;
  readonly patch: Uint8Array;
  readonly chunks: readonly { readonly id: string; readonly patch: Uint8Array }[];
  readonly rationale: Rationale | null;
  readonly evidence: readonly Evidence[];
  readonly spend: Spend;
  readonly news: readonly { readonly kind: string; readonly text: string }[];
  readonly delayMs: number;
  readonly outcome: RecordedAttempt['outcome'];
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly again: boolean;
    readonly answer: { readonly status: number | null; readonly code: string | null } | null;
  } | null;
}

/** The recording of what a task stored, attempts in order. A failure that no replay can bring about is AGENT_FAILED. */
export function recordingOf(agent: string, model: string, attempts: readonly StoredAttempt[]): Recording {
  return recordingSchema.parse({ version: 1, agent, model, attempts: attempts.map(recordAttempt) });
}

function recordAttempt(stored: StoredAttempt): z.input<typeof recordedAttemptSchema> {
  const { failure, plan, rationale } = stored;
  const code = workFailureSchema.safeParse(failure?.code).data ?? 'AGENT_FAILED';
  return {
    candidate: stored.candidate,
    ...(plan === null ? {} : { plan }),
    patch: recordPatch(stored.patch),
    chunks: Object.fromEntries(stored.chunks.map(({ id, patch }) => [id, recordPatch(patch)])),
    ...(rationale === null ? {} : { rationale }),
    evidence: [...stored.evidence],
    spend: stored.spend,
    news: stored.news.flatMap(({ kind, text }) =>
      kind === 'message' || kind === 'tool' || kind === 'file' || kind === 'refused' ? [{ kind, text }] : [],
    ),
    delay_ms: Math.min(Math.max(0, Math.floor(stored.delayMs)), 3_600_000),
    outcome: stored.outcome,
    ...(failure === null ? {} : { fails: { code, ...failureOf(failure) } }),
  };
}

type RecordedFailure = NonNullable<z.input<typeof recordedAttemptSchema>['fails']>;

function failureOf({ message, again, answer }: NonNullable<StoredAttempt['failure']>): Omit<RecordedFailure, 'code'> {
  return { message, again, ...(answer === null ? {} : { answer }) };
}

function recordPatch(bytes: Uint8Array): RecordedPatch {
  return decodeUtf8(bytes) ?? { base64: encodeBase64(bytes) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const before = text.slice(0, findJsonFault(text)).split('\n');
    const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    throw invalid(`${file} is no JSON at line ${place.line}, column ${place.column}: ${reason}`, place, error);
  }
}

function invalid(message: string, place: Fault['place'] & object, cause?: unknown): Fault<'RECORDING_INVALID'> {
  return new Fault('RECORDING_INVALID', message, {
    mend: 'write it as `arbiter task record` does; schemas/recording.schema.json says what it holds',
    place,
    ...(cause === undefined ? {} : { cause }),
  });
}
