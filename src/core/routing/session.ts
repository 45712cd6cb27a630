import { z } from 'zod';

/** What tasks are said to belong together by: words of a person, such as a ticket's number. */
export const sessionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/#@+-]{0,99}$/, 'is no name of a session: letters, digits and . _ : / # @ + -');

/** A session's part in a decision. */
export const affinitySchema = z.strictObject({
  session: sessionSchema,
  agent: z.string().nullable().describe('Whom the session’s last task left its caches with; null: nobody.'),
  kept: z.boolean().describe('It could be asked, and so nobody was drawn.'),
});
export type Affinity = z.infer<typeof affinitySchema>;

/** The last decision of a session, and what came of it so far. */
interface LastDecision {
  readonly decision: { readonly chosen: string };
  readonly outcomes: readonly { readonly agent: string; readonly reward: number | null; readonly atMs: number }[];
}

/**
 * The agent that a session's next task is to have: whose work of the last task was good for something, the latest where
 * several were; the one that was chosen while nothing is known. Null where all that is known is bad: an agent that was
 * refused is not kept for its caches.
 */
export function agentOfSession(last: LastDecision | null): string | null {
  if (last === null) return null;
  const known = last.outcomes.filter(({ reward }) => reward !== null);
  if (known.length === 0) return last.decision.chosen;
  const [latest] = known.filter(({ reward }) => (reward ?? 0) > 0).toSorted((a, b) => b.atMs - a.atMs);
  return latest?.agent ?? null;
}
