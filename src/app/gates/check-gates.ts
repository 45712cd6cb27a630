import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import { defaultPolicy } from '../../core/caws/policy.js';
import type { Ports } from '../../ports/ports.js';
import { loadConfiguration } from './load-configuration.js';
import type { Operation } from '../operation.js';
import { type GatesInput, gatesInputSchema } from './list-gates.js';
import { useRepository } from '../use-repository.js';

export type GatesFaultCode = 'NO_GATES';

export const gateCheckSchema = z
  .strictObject({
    base: z.string(),
    gates: z.array(
      z.strictObject({ name: z.string(), life: z.enum(['alive', 'dead', 'unchecked']), detail: z.string() }),
    ),
  })
  .meta({ id: 'GateCheck' });
export type GateCheck = z.infer<typeof gateCheckSchema>;

/**
 * Plants a known-bad change for each gate and asks it for red: a gate that stays green on it proves nothing
 * (constitution §4 rule 6). @throws NO_GATES where the base configures none
 */
export const checkGates: Operation<GatesInput, GateCheck> = {
  name: 'gates check',
  summary: 'plant a known-bad change for each gate and ask it for red',
  role: 'anyone',
  input: gatesInputSchema,
  output: gateCheckSchema,
  async run(ports: Ports, input, { progress, signal }) {
    return useRepository(ports, input.repository, signal, async (git) => {
      const base = await git.resolveCommit(input.base);
      const config = await loadConfiguration(ports, git, base);
      if (Object.keys(config.gates).length === 0) {
        throw new Fault<GatesFaultCode>('NO_GATES', `the base ${base.id.slice(0, 12)} configures no gates`, {
          mend: 'run arbiter init, or write gates into .caws/arbiter.yaml, and commit it',
        });
      }
      const gates = await ports.gateRunner.check({
        git,
        policy: defaultPolicy,
        config,
        base: base.id,
        progress,
        signal,
      });
      return { base: base.id, gates: [...gates] };
    });
  },
};
