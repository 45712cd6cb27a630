import { z } from 'zod';
import { agentVersionSchema, capabilitiesSchema, declaredStatusSchema, residencySchema } from './agent-traits.js';

/** How an agent is asked to work (design workers.md): a protocol, a command line, a bare model, in process, a recording. */
export const agentKindSchema = z.enum(['acp', 'cli', 'model', 'llama', 'replay']);
export type AgentKind = z.infer<typeof agentKindSchema>;

/** The wire that a model endpoint speaks. */
export const wireProtocolSchema = z.enum(['openai-chat', 'openai-responses', 'anthropic', 'gemini']);
export type WireProtocol = z.infer<typeof wireProtocolSchema>;

/**
 * Where model calls go. `base_url` is what an SDK takes as its base, such as `https://host/v1`. The key is never stored:
 * `key_env` names the variable of the worker process that holds it, null where the endpoint asks for none.
 */
export const endpointSchema = z.strictObject({
  protocol: wireProtocolSchema,
  base_url: z.string().regex(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, 'is no http(s) address without a query'),
  key_env: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/)
    .nullable()
    .default(null),
});
export type Endpoint = z.infer<typeof endpointSchema>;

const microUsd = z.number().int().nonnegative();
const rates = {
  input: microUsd,
  output: microUsd,
  cache_read: microUsd.optional(),
  cache_write: microUsd.optional(),
};

/** Micro-dollars per million tokens; integers, so that sums are exact. */
export const priceSchema = z.strictObject({
  ...rates,
  /** Dearer rates of calls with a longer prompt, ascending: some providers ask double above 200,000 tokens. */
  tiers: z.array(z.strictObject({ above_tokens: z.number().int().positive(), ...rates })).optional(),
});
export type Price = z.infer<typeof priceSchema>;

/**
 * An agent that can be asked to work, as `arbiter agents add` stores it. What a profile of an earlier Arbiter does not
 * say takes its default, so that what was stored goes on being read.
 */
export const agentProfileSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/),
    kind: agentKindSchema,
    /** What its history is kept under: a swap to another version starts a history of its own. */
    version: agentVersionSchema.default('1'),
    /** Family of its model, such as `claude` or `qwen`: what a prior may be borrowed from. Null: not known. */
    family: z.string().min(1).max(64).nullable().default(null),
    capabilities: capabilitiesSchema.prefault({}),
    residency: residencySchema.default([]),
    status: declaredStatusSchema.default('available'),
    /** Which known program this is (`pi`, `codex`, `opencode` …): how it is pointed at an endpoint. Null: by `command` alone. */
    program: z.string().min(1).nullable().default(null),
    /** Argument vector for `acp` and `cli`; `{prompt}`, `{model}` stand for what a task brings. Empty: the program's own. */
    command: z.array(z.string().min(1)).default([]),
    model: z.string().min(1).nullable().default(null),
    endpoint: endpointSchema.nullable().default(null),
    /** What a person says it costs; null: by the packaged price table. */
    price: priceSchema.nullable().default(null),
    /** `replay`: the recording. `llama`: the GGUF. An absolute path. */
    file: z.string().min(1).nullable().default(null),
    limits: z
      .strictObject({
        concurrency: z.number().int().min(1).max(64).default(1),
        /** How often it may be asked to work in a minute; null: as often as there is work. */
        per_minute: z.number().int().min(1).max(6000).nullable().default(null),
        context_tokens: z.number().int().positive().nullable().default(null),
      })
      .prefault({}),
  })
  .meta({ id: 'AgentProfile' });
export type AgentProfile = z.infer<typeof agentProfileSchema>;
