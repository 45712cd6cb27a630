import { z } from 'zod';
import { gateConfigSchema } from '../../core/caws/arbiter-config.js';
import type { Ports } from '../../ports/ports.js';
import { loadConfiguration } from './load-configuration.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';

export const gatesInputSchema = z.strictObject({
  repository: z.string().min(1),
  base: z.string().min(1).default('HEAD'),
});
export type GatesInput = z.infer<typeof gatesInputSchema>;

export const gateListSchema = z
  .strictObject({
    base: z.string(),
    sandbox: z.strictObject({ name: z.enum(['bubblewrap', 'none']), available: z.boolean(), detail: z.string() }),
    gates: z.array(
      z.strictObject({
        name: z.string(),
        kind: gateConfigSchema.shape.kind,
        mandatory: z.boolean(),
        command: z.array(z.string()),
        reports: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'GateList' });
export type GateList = z.infer<typeof gateListSchema>;

/** Lists the gates of the base's configuration, and whether this machine's sandbox can run them. */
export const listGates: Operation<GatesInput, GateList> = {
  name: 'gates list',
  summary: 'show the gates of the base commit and whether this machine can run them',
  role: 'anyone',
  input: gatesInputSchema,
  output: gateListSchema,
  async run(ports: Ports, input, { signal }) {
    return useRepository(ports, input.repository, signal, async (git) => {
      const base = await git.resolveCommit(input.base);
      const config = await loadConfiguration(ports, git, base);
      const probe = await ports.sandboxes[config.sandbox].probe();
      return {
        base: base.id,
        sandbox: { name: config.sandbox, available: probe.available, detail: probe.detail },
        gates: Object.entries(config.gates).map(([name, { kind, mandatory, command, reports }]) => ({
          name,
          kind,
          mandatory,
          command,
          reports: reports.map((report) => report.format),
        })),
      };
    });
  },
};
