import { z } from 'zod';
import type { Admission } from '../../core/learning/admit-outcome.js';
import { type Outcome, outcomeSchema } from '../../core/learning/outcome.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { openRegistry } from '../registry/open-registry.js';
import { learnLate } from '../routing/learn-late.js';
import { openTracker } from './open-tracker.js';

const count = z.number().int().nonnegative();
const inputSchema = z.strictObject({ file: z.string().min(1).describe('Outcomes as JSON lines.') });
export type TrackOutcomesInput = z.infer<typeof inputSchema>;

const admissions = [
  'first',
  'revised',
  'duplicate',
  'stale',
  'conflicting',
  'unknown-decision',
  'finished-decision',
  'other-arm',
  'clock-skew',
  'unreadable',
] as const;
type Named = Admission | 'unreadable';

/** What became of each line. */
export const trackOutcomesSchema = z
  .strictObject({
    lines: count,
    taken: count.describe('First words and revisions.'),
    known: count.describe('Handed in before; they count once.'),
    refused: count,
    learned: count.describe('Outcomes of decisions that router and registry learned anew.'),
    by_admission: z.partialRecord(z.enum(admissions), count),
    told: z
      .array(
        z.strictObject({ line: count, admission: z.enum(admissions), detail: z.string(), skew_ms: z.number().int() }),
      )
      .describe('Every line that was not simply taken.'),
  })
  .meta({ id: 'TrackOutcomes' });
export type TrackOutcomes = z.infer<typeof trackOutcomesSchema>;

const mostBytes = 64 * 1024 * 1024;

export const trackOutcomes: Operation<TrackOutcomesInput, TrackOutcomes> = {
  name: 'track outcomes',
  summary: 'take outcomes that became known later or elsewhere, each judged against what is known',
  role: 'human',
  input: inputSchema,
  output: trackOutcomesSchema,
  run: (ports, { file }, { signal, progress }) =>
    useRuntime(ports, signal, async (runtime) => {
      const lines = await readLines(ports, file);
      await openTracker(ports, runtime, { trouble: (text) => progress.note(text), signal }).catchUp(0, signal);
      const readable = lines.flatMap(({ line, outcome }) => (outcome === null ? [] : [{ line, outcome }]));
      const answers = await runtime.points.takeLate(
        readable.map(({ outcome }) => outcome),
        ports.clock.nowMs(),
      );
      const judged = readable.map(({ line }, index) => {
        const answer = answers[index];
        return answer === undefined
          ? { line, admission: 'unreadable' as const, detail: 'nothing was answered', skew_ms: 0 }
          : { line, admission: answer.admission, detail: answer.detail, skew_ms: answer.skewMs };
      });
      const unread = lines.flatMap(({ line, problem }) =>
        problem === null ? [] : [{ line, admission: 'unreadable' as const, detail: problem, skew_ms: 0 }],
      );
      const registry = await openRegistry(runtime, ports.clock);
      const learned = await learnLate({ ...runtime, registry }, signal);
      return summarise(
        [...judged, ...unread].toSorted((a, b) => a.line - b.line),
        learned,
      );
    }),
};

interface ReadLine {
  readonly line: number;
  readonly outcome: Outcome | null;
  readonly problem: string | null;
}

async function readLines({ files }: Pick<Ports, 'files'>, file: string): Promise<readonly ReadLine[]> {
  const text = new TextDecoder().decode(await files.readFile(file, { maxBytes: mostBytes }));
  return text.split('\n').flatMap((raw, index) => (raw.trim() === '' ? [] : [readLine(raw, index + 1)]));
}

function readLine(raw: string, line: number): ReadLine {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return { line, outcome: null, problem: 'is no JSON: one outcome stands on one line' };
  }
  const parsed = outcomeSchema.safeParse(value);
  if (parsed.success) return { line, outcome: parsed.data, problem: null };
  const [issue] = parsed.error.issues;
  return { line, outcome: null, problem: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is no outcome'}` };
}

interface Judged {
  readonly line: number;
  readonly admission: Named;
  readonly detail: string;
  readonly skew_ms: number;
}

function summarise(judged: readonly Judged[], learned: number): TrackOutcomes {
  const by: Partial<Record<Named, number>> = {};
  for (const { admission } of judged) by[admission] = (by[admission] ?? 0) + 1;
  const taken = (by.first ?? 0) + (by.revised ?? 0);
  const known = by.duplicate ?? 0;
  return {
    lines: judged.length,
    taken,
    known,
    refused: judged.length - taken - known,
    learned,
    by_admission: by,
    told: judged.filter(({ admission, skew_ms: skew }) => admission !== 'first' || skew !== 0).slice(0, 1000),
  };
}
