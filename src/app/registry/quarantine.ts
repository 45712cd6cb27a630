import { z } from 'zod';
import { quarantinedRowSchema } from '../../core/registry/registry-rows.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { openRegistry } from './open-registry.js';

const inputSchema = z.strictObject({
  mend: z.boolean().default(false).describe('Rebuild from the outcomes every history that cannot be read.'),
});
const outputSchema = z
  .strictObject({ mended: z.array(z.string()), quarantined: z.array(quarantinedRowSchema) })
  .meta({ id: 'AgentQuarantine' });
export type AgentQuarantine = z.infer<typeof outputSchema>;

/** Rows of the registry that cannot be read, and how each is mended. */
export const agentsQuarantine: Operation<z.infer<typeof inputSchema>, AgentQuarantine> = {
  name: 'agents quarantine',
  summary: 'show rows of the registry that cannot be read and were set aside; rebuild what the outcomes give again',
  role: 'human',
  input: inputSchema,
  output: outputSchema,
  run: (ports, { mend }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const mended = mend ? [...(await runtime.registry.mend())] : [];
      const registry = await openRegistry(runtime, ports.clock);
      return { mended, quarantined: [...registry.quarantined()] };
    }),
};
