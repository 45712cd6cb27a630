import { z } from 'zod';
import { type DataPoint, mustCapture } from './data-point.js';

const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);

/** What an export holds, how it was made, and what may not be read into it. */
export const dataCardSchema = z
  .strictObject({
    file: z.string(),
    format: z.enum(['jsonl', 'parquet']),
    sha256: z.string(),
    bytes: count,
    made_ms: count,
    arbiter: z.string(),
    points: count,
    tasks: count,
    from_ms: count.nullable(),
    to_ms: count.nullable(),
    by_kind: counts,
    verdicts: counts,
    arms: counts,
    missing: counts.describe('Outcomes that want the field.'),
    removed: counts.describe('Secrets and personal data taken out, by kind.'),
    limits: z.array(z.string()),
  })
  .meta({ id: 'DataCard' });
export type DataCard = z.infer<typeof dataCardSchema>;

const limits: readonly string[] = [
  'Agents were chosen by a policy, not at random: weigh by the recorded propensities, and where there are none draw no comparison.',
  'An outcome is the verdict under the spec and the gates of that repository at that time; it says nothing about work outside them.',
  'A field that is null was not told by the worker; it is not zero, and it is missing more often for some workers than for others.',
  'Words went through rules for secrets and personal data, which miss names of people in running text and secrets of an unknown form: look before you pass them on.',
  'Work that was called off and questions to a human have no outcome; leaving them out favours agents that ask.',
];

/** Counts what an export holds. `made` says of the file what its points do not. */
export function describePoints(
  points: readonly DataPoint[],
  made: Pick<DataCard, 'file' | 'format' | 'sha256' | 'bytes' | 'arbiter'> & { readonly atMs: number },
): DataCard {
  const outcomes = points.flatMap((point) => (point.kind === 'outcome' ? [point.outcome] : []));
  const wanting = points.flatMap((point) => (point.kind === 'outcome' ? point.missing : []));
  const { atMs, ...file } = made;
  let from: number | null = null;
  let to: number | null = null;
  for (const { at_ms } of points) {
    from = Math.min(from ?? at_ms, at_ms);
    to = Math.max(to ?? at_ms, at_ms);
  }
  return {
    ...file,
    made_ms: atMs,
    points: points.length,
    tasks: new Set(points.map(({ task_id }) => task_id)).size,
    from_ms: from,
    to_ms: to,
    by_kind: tally(points.map(({ kind }) => kind)),
    verdicts: tally(outcomes.map(({ verdict }) => verdict)),
    arms: tally(outcomes.map(({ arm }) => `${arm.agent}@${arm.version}`)),
    missing: { ...Object.fromEntries(mustCapture.map((name) => [name, 0])), ...tally(wanting) },
    removed: points.reduce<Record<string, number>>((all, { removed }) => addCounts(all, removed), {}),
    limits: [...limits],
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names.toSorted()) found[name] = (found[name] ?? 0) + 1;
  return found;
}

function addCounts(all: Record<string, number>, more: Readonly<Record<string, number>>): Record<string, number> {
  for (const [kind, n] of Object.entries(more)) all[kind] = (all[kind] ?? 0) + n;
  return all;
}

/** The card as a page. */
export function renderDataCard(card: DataCard): string {
  const day = (ms: number | null): string => (ms === null ? 'nothing' : new Date(ms).toISOString());
  const table = (title: string, rows: Readonly<Record<string, number>>): string =>
    `## ${title}\n\n${
      Object.keys(rows).length === 0
        ? 'none'
        : `| | |\n|---|---|\n${Object.entries(rows)
            .map(([name, n]) => `| ${name} | ${n} |`)
            .join('\n')}`
    }\n`;
  return `# Data card: ${card.file}

${card.points} data points of ${card.tasks} tasks, from ${day(card.from_ms)} to ${day(card.to_ms)}.
Format ${card.format}, ${card.bytes} bytes, SHA-256 ${card.sha256}. Written by Arbiter ${card.arbiter} on ${day(card.made_ms)}
from the stories of its own tasks: decisions, executions, examinations, verdicts and their outcomes.

${table('Points by kind', card.by_kind)}
${table('Outcomes by verdict', card.verdicts)}
${table('Outcomes by arm', card.arms)}
${table('Outcomes that want a field', card.missing)}
${table('Taken out before storage', card.removed)}
## What may not be read into it

${card.limits.map((limit) => `- ${limit}`).join('\n')}
`;
}
