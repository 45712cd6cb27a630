import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import type { CandidateFaultCode } from '../adjudicate/candidate.js';

/** What may be said of a new version of an agent; the rest stays as it is. */
export const profileChangeSchema = z.strictObject({
  model: z.string().min(1).optional(),
  file: z.string().min(1).optional(),
  command: z.array(z.string().min(1)).optional(),
});
export type ProfileChange = z.infer<typeof profileChangeSchema>;

/**
 * The profile of another version of an agent. A version that there was before (`known`) comes back as it was, but for what
 * is said. @throws USAGE where it is the version in use, or makes no profile
 */
export function nextProfile(
  current: AgentProfile,
  known: AgentProfile | null,
  { version, model, file, command }: ProfileChange & { readonly version: string },
): AgentProfile {
  if (version === current.version) {
    throw usage(
      `${current.name} is at version ${current.version} already`,
      'name the version that is to take its place',
    );
  }
  const told = Object.fromEntries(Object.entries({ model, file, command }).filter(([, value]) => value !== undefined));
  const parsed = agentProfileSchema.safeParse({ ...(known ?? current), ...told, version, status: current.status });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usage(
    `no version can be made of this: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    'arbiter agents swap --help',
  );
}

function usage(message: string, mend: string): Fault<CandidateFaultCode> {
  return new Fault('USAGE', message, { mend });
}
