import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import {
  type AgentKind,
  type AgentProfile,
  agentKindSchema,
  agentProfileSchema,
  wireProtocolSchema,
} from '../../core/registry/agent-profile.js';
import type { CandidateFaultCode } from '../adjudicate/candidate.js';

export const addInputSchema = z.strictObject({
  name: z.string().min(1),
  kind: agentKindSchema.optional(),
  program: z.string().min(1).optional(),
  command: z.array(z.string().min(1)).optional(),
  model: z.string().min(1).optional(),
  endpoint: z.string().min(1).optional(),
  protocol: wireProtocolSchema.optional(),
  keyEnv: z.string().min(1).optional(),
  priceIn: z.number().nonnegative().optional().describe('Dollars per million input tokens.'),
  priceOut: z.number().nonnegative().optional().describe('Dollars per million output tokens.'),
  file: z.string().min(1).optional(),
  concurrency: z.number().int().min(1).max(64).optional(),
  perMinute: z.number().int().min(1).max(6000).optional(),
  contextTokens: z.number().int().positive().optional(),
  profileVersion: z.string().min(1).optional().describe('What its history is kept under.'),
  family: z.string().min(1).optional(),
  taskTypes: z.array(z.string()).optional(),
  languages: z.array(z.string()).optional(),
  specialisations: z.array(z.string()).optional(),
  residency: z.array(z.string()).optional(),
});
export type AgentAdd = z.infer<typeof addInputSchema>;

/**
 * The profile that a person describes: a known program brings its usual endpoint and command, and what is said outranks
 * it. @throws USAGE where what is said makes no agent
 */
export function composeProfile(
  said: AgentAdd,
  suggest: (program: string, kind: 'acp' | 'cli') => AgentProfile | null,
): AgentProfile {
  const kind = said.kind ?? kindOf(said);
  const known = knownFor(said, kind, suggest);
  const profile = {
    ...known,
    name: said.name,
    kind,
    program: known?.program ?? null,
    command: said.command ?? known?.command ?? [],
    model: said.model ?? known?.model ?? null,
    endpoint: endpointOf(said, known),
    // A model in this process costs nothing but time.
    price: priceOf(said) ?? known?.price ?? (kind === 'llama' ? { input: 0, output: 0 } : null),
    file: said.file ?? null,
    limits: {
      ...known?.limits,
      ...(said.concurrency === undefined ? {} : { concurrency: said.concurrency }),
      ...(said.perMinute === undefined ? {} : { per_minute: said.perMinute }),
      ...(said.contextTokens === undefined ? {} : { context_tokens: said.contextTokens }),
    },
    ...traitsOf(said),
  };
  const parsed = agentProfileSchema.safeParse(profile);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw usage(
      `no agent can be made of this: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      'arbiter agents add --help shows what each kind needs',
    );
  }
  requireParts(parsed.data);
  return parsed.data;
}

/** What is said of its version, family and capabilities; what is not said takes its default. */
function traitsOf(said: AgentAdd): Record<string, unknown> {
  const { profileVersion, family, taskTypes, languages, specialisations, residency } = said;
  return {
    version: profileVersion,
    family,
    residency,
    capabilities: { task_types: taskTypes, languages, specialisations },
  };
}

/** What is known of the program that is meant; null where none is. @throws USAGE when one is named that nobody knows */
function knownFor(
  said: AgentAdd,
  kind: AgentKind,
  suggest: (program: string, kind: 'acp' | 'cli') => AgentProfile | null,
): AgentProfile | null {
  const program = said.program ?? (said.command === undefined ? said.name : null);
  const known = program === null || !isDriven(kind) ? null : suggest(program, kind);
  if (said.program === undefined || known !== null) return known;
  throw usage(`${JSON.stringify(said.program)} is no known program of kind ${kind}`, 'give its --command instead');
}

function isDriven(kind: AgentKind): kind is 'acp' | 'cli' {
  return kind === 'acp' || kind === 'cli';
}

function kindOf(said: AgentAdd): AgentKind {
  if (said.file !== undefined) return said.file.endsWith('.gguf') ? 'llama' : 'replay';
  return said.program === undefined && said.command === undefined && said.endpoint !== undefined ? 'model' : 'cli';
}

function endpointOf(said: AgentAdd, known: AgentProfile | null): unknown {
  if (said.endpoint === undefined && said.protocol === undefined && said.keyEnv === undefined)
    return known?.endpoint ?? null;
  return {
    protocol: said.protocol ?? known?.endpoint?.protocol ?? 'openai-chat',
    base_url: said.endpoint ?? known?.endpoint?.base_url ?? '',
    key_env: said.keyEnv ?? known?.endpoint?.key_env ?? null,
  };
}

function priceOf({ priceIn, priceOut }: AgentAdd): unknown {
  if (priceIn === undefined && priceOut === undefined) return null;
  return { input: Math.round((priceIn ?? 0) * 1_000_000), output: Math.round((priceOut ?? 0) * 1_000_000) };
}

/** What each kind cannot do without. */
function requireParts(profile: AgentProfile): void {
  const { kind, file } = profile;
  if (isDriven(kind)) requireProgram(profile);
  if (kind === 'model') requireModel(profile);
  if ((kind === 'llama' || kind === 'replay') && file === null) {
    const what = kind === 'llama' ? 'a GGUF model' : 'a recording';
    throw usage(`an agent of kind ${kind} needs a file`, `give --file with ${what}`);
  }
}

function requireProgram({ program, command }: AgentProfile): void {
  if (program !== null || command.length > 0) return;
  throw usage('a program that is not known needs a command', 'give --command, with {prompt} where the prompt goes');
}

function requireModel({ endpoint, model }: AgentProfile): void {
  if (endpoint !== null && model !== null) return;
  throw usage('a bare model needs an endpoint and a model', 'give --endpoint URL and --model NAME');
}

function usage(message: string, mend: string): Fault<CandidateFaultCode> {
  return new Fault('USAGE', message, { mend });
}
