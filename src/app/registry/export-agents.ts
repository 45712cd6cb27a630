import { z } from 'zod';
import { encodeUtf8 } from '../../core/digest.js';
import { agentProfileSchema } from '../../core/registry/agent-profile.js';
import { observationSchema } from '../../core/registry/history.js';
import { agentVersionRecordSchema } from '../../core/registry/registry-rows.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';

/** One line of an export: JSON, one thing a line, agents first. */
export const exportLineSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('arbiter-agents'), format: z.literal(1) }),
    z.strictObject({ kind: z.literal('agent'), profile: agentProfileSchema }),
    z.strictObject({
      kind: z.literal('version'),
      agent: agentProfileSchema.shape.name,
      record: agentVersionRecordSchema,
    }),
    z.strictObject({ kind: z.literal('outcome'), observation: observationSchema }),
  ])
  .meta({ id: 'AgentExportLine' });
export type ExportLine = z.infer<typeof exportLineSchema>;

const inputSchema = z.strictObject({ file: z.string().min(1) });
const count = z.number().int().nonnegative();
const outputSchema = z
  .strictObject({ file: z.string(), agents: count, versions: count, outcomes: count })
  .meta({ id: 'AgentsExported' });
export type AgentsExported = z.infer<typeof outputSchema>;

/** Writes the registry as one file, in one step. Keys are never in it: a profile names the variable that holds one. @throws WRITE_FAILED */
export const agentsExport: Operation<z.infer<typeof inputSchema>, AgentsExported> = {
  name: 'agents export',
  summary: 'write agents, their versions and outcomes as JSON lines',
  role: 'anyone',
  input: inputSchema,
  output: outputSchema,
  run: (ports, { file }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const counts = { agents: 0, versions: 0, outcomes: 0 };
      await ports.files.replaceFileFrom(file, encode(linesOf(runtime, counts)));
      return { file, ...counts };
    }),
};

async function* encode(lines: AsyncIterable<ExportLine>): AsyncIterable<Uint8Array> {
  for await (const line of lines) yield encodeUtf8(`${JSON.stringify(line)}\n`);
}

async function* linesOf(
  { registry }: OpenRuntime,
  counts: { agents: number; versions: number; outcomes: number },
): AsyncIterable<ExportLine> {
  const { agents, versions } = await registry.read(null);
  yield { kind: 'arbiter-agents', format: 1 };
  for (const profile of agents) {
    counts.agents += 1;
    yield { kind: 'agent', profile };
  }
  for (const { agent, record } of versions) {
    counts.versions += 1;
    // It stands beside the one in use by the word of a rollout, which stays here.
    const { stands: _, ...kept } = record;
    yield { kind: 'version', agent, record: kept };
  }
  for await (const some of registry.observations()) {
    for (const observation of some) {
      counts.outcomes += 1;
      yield { kind: 'outcome', observation };
    }
  }
}
