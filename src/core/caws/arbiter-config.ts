import { z } from 'zod';
import { needRulesSchema } from '../routing/need-of-task.js';
import { policyOptionsSchema } from '../routing/policy-options.js';
import { chunkSchema } from '../tasks/chunk.js';

const globs = z.array(z.string().min(1)).default([]);

export const reportFormatSchema = z.enum(['junit', 'ctrf', 'lcov', 'istanbul', 'cobertura', 'mutation', 'sarif']);
export type ReportFormat = z.infer<typeof reportFormatSchema>;

export const gateKindSchema = z.enum([
  'build',
  'lint',
  'tests',
  'coverage',
  'mutation',
  'contracts',
  'security',
  'accessibility',
  'performance',
  'custom',
]);
export type GateKind = z.infer<typeof gateKindSchema>;

/**
 * One gate. `command` is an argument vector run without a shell in a fresh checkout; `{report}` in an argument stands
 * for the path the report of that name is to be written to (`{report:junit}` where a gate has several).
 */
export const gateConfigSchema = z.strictObject({
  kind: gateKindSchema,
  command: z.array(z.string().min(1)).min(1),
  cwd: z.string().default('.'),
  reports: z.array(z.strictObject({ format: reportFormatSchema, path: z.string().min(1).optional() })).default([]),
  timeoutSeconds: z.number().positive().max(7200).default(600),
  memoryMb: z.number().int().positive().default(4096),
  maxProcesses: z.number().int().positive().default(512),
  maxOutputMb: z.number().int().positive().default(64),
  mandatory: z.boolean().default(true),
  env: z.record(z.string(), z.string()).default({}),
});
export type GateConfig = z.infer<typeof gateConfigSchema>;

/** What a spec may do that CAWS has no field for (constitution §3, Admissions). Entries are scope patterns or names. */
export const admissionSchema = z.strictObject({
  binaries: globs,
  symlinks: globs,
  submodules: globs,
  modes: globs,
  removed_tests: globs,
  changed_assertions: globs,
  dependencies: globs,
  public_api: globs,
});
export type Admission = z.infer<typeof admissionSchema>;

export const publishModeSchema = z.enum(['none', 'branch', 'direct']);
export type PublishMode = z.infer<typeof publishModeSchema>;

/** `.caws/arbiter.yaml`, read from the base commit (constitution §1). */
export const arbiterConfigSchema = z
  .strictObject({
    version: z.literal(1),
    sandbox: z.enum(['bubblewrap', 'none']).default('bubblewrap'),
    stack: z.string().optional(),
    gates: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), gateConfigSchema).default({}),
    protected: globs.describe('Scope patterns protected beyond the built-in list.'),
    admissions: z.record(z.string(), admissionSchema).default({}),
    approvers: z.array(z.string()).default([]),
    enforcing_keys: z
      .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/))
      .default([])
      .describe('Fingerprints of verdict keys that no worker can reach (constitution §5).'),
    scope_waivable: z.boolean().default(true),
    raise: z
      .record(z.string(), z.enum(['block', 'waivable']))
      .default({})
      .describe('Advisory rules made graver.'),
    mutation: z.strictObject({ max_mutants: z.number().int().positive().default(20) }).prefault({}),
    tasks: z
      .strictObject({
        decompose: z
          .record(z.string(), z.union([z.enum(['whole', 'acceptance', 'scope']), z.array(chunkSchema).min(1)]))
          .default({})
          .describe(
            'How tasks of a spec are divided, by its id: into its acceptance criteria, its scope, or these parts.',
          ),
        planner: z.string().nullable().default(null).describe('Agent that divides tasks of specs that say nothing.'),
      })
      .prefault({}),
    routing: z
      .strictObject({
        policy: policyOptionsSchema
          .prefault({ name: 'thompson', floor: 0.02 })
          .describe('Who chooses, what a dollar and a minute are worth, and the least chance that each agent keeps.'),
        plans: z
          .array(z.enum(['single', 'cascade', 'race', 'hybrid', 'parallel']))
          .min(1)
          .default(['single', 'cascade'])
          .describe('Kinds of plans that may be made.'),
        steps: z.number().int().min(1).max(8).default(3).describe('Agents of a cascade at most.'),
        verifier: z
          .strictObject({
            false_accept: z.number().min(0).max(1).default(0.1),
            false_reject: z.number().min(0).max(1).default(0.05),
          })
          .prefault({})
          .describe('How often the gates are believed to be wrong.'),
        needs: needRulesSchema.prefault({}).describe('What is asked of every agent that the router chooses.'),
      })
      .prefault({})
      .describe('How agents are chosen where none is named.'),
    publish: publishModeSchema
      .default('branch')
      .describe('Where a PASS lands: a branch of its own, the protected branch, or the record alone.'),
  })
  .meta({ id: 'ArbiterConfig' });
export type ArbiterConfig = z.infer<typeof arbiterConfigSchema>;
