import { z } from 'zod';

/** A word that agents and needs are matched by: `code-editing`, `typescript`, `c++`, `eu`. Lower case. */
export const traitSchema = z.string().regex(/^[a-z0-9][a-z0-9.+#_-]{0,63}$/, 'is no word of a-z, 0-9, . + # _ -');

const traits = z.array(traitSchema).max(64);

/**
 * What an agent says it can do. An empty list says nothing, and excludes nothing. `more` takes what a house adds of its
 * own (`{"gpu": ["a100"]}`): a need of that name is matched like the others.
 */
export const capabilitiesSchema = z.strictObject({
  task_types: traits.default([]),
  languages: traits.default([]),
  /** What it is said to be good at; what its outcomes say is learned beside it, and never written here. */
  specialisations: traits.default([]),
  more: z.record(traitSchema, traits).default({}),
});

/** Where its model sees what it is shown: regions, or `local`. Empty: not known, which a need for a region refuses. */
export const residencySchema = z.array(traitSchema).max(16);

/** Names a version of an agent; no `@`, since `agent@version` names an arm. */
export const agentVersionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/, 'is no version: letters, digits, . _ + -');

/** What is said of an agent by people: `draining` finishes what it has and takes nothing new, `retired` is kept for its history. */
export const declaredStatusSchema = z.enum(['available', 'draining', 'offline', 'retired']);
