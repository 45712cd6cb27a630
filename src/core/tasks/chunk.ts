import { z } from 'zod';

/** A part of the task that is worked on by itself. `after` names the parts whose change it builds on. */
export const chunkSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  words: z.string().min(1),
  /** Scope patterns, within the spec's; empty for the spec's own. */
  scope: z.array(z.string().min(1)).default([]),
  after: z.array(z.string()).default([]),
});
export type Chunk = z.infer<typeof chunkSchema>;
