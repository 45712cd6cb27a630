import { z } from 'zod';
import { decodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import { readRow } from '../../core/registry/registry-rows.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { type ExportLine, exportLineSchema } from './export-agents.js';

export type AgentImportFaultCode = 'AGENT_FILE_INVALID';

const inputSchema = z.strictObject({
  file: z.string().min(1),
  replace: z.boolean().default(false).describe('Agents that are there already take the profile of the file.'),
});
const count = z.number().int().nonnegative();
const outputSchema = z
  .strictObject({
    agents: count,
    kept: z.array(z.string()).describe('Agents that were there already, and stay as they are.'),
    versions: count,
    outcomes: count,
    known: count.describe('Outcomes that had been taken in before.'),
    refused: z
      .array(z.strictObject({ line: z.number().int().positive(), problem: z.string() }))
      .describe('Lines that cannot be read; the others were taken.'),
  })
  .meta({ id: 'AgentsImported' });
export type AgentsImported = z.infer<typeof outputSchema>;

const maxBytes = 1 << 30;

/** Takes an export in. Done twice it changes nothing the second time. @throws AGENT_FILE_INVALID, FILE_MISSING, FILE_UNREADABLE, FILE_TOO_LARGE */
export const agentsImport: Operation<z.infer<typeof inputSchema>, AgentsImported> = {
  name: 'agents import',
  summary: 'take in what agents export wrote: agents, their versions and outcomes',
  role: 'human',
  input: inputSchema,
  output: outputSchema,
  async run(ports, { file, replace }, { signal, progress }) {
    const text = decodeUtf8(await ports.files.readFile(file, { maxBytes }));
    const { lines, refused } = readLines(text ?? '', file);
    progress.stage('import', `${lines.length} lines`);
    return useRuntime(ports, signal, async (runtime) => ({ ...(await takeIn(runtime, lines, replace)), refused }));
  },
};

function readLines(
  text: string,
  file: string,
): { readonly lines: readonly ExportLine[]; readonly refused: AgentsImported['refused'] } {
  const lines: ExportLine[] = [];
  const refused: AgentsImported['refused'] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = readRow(line, exportLineSchema);
    if ('value' in read) lines.push(read.value);
    else refused.push({ line: index + 1, problem: read.problem });
  }
  if (lines[0]?.kind === 'arbiter-agents') return { lines, refused };
  throw new Fault<AgentImportFaultCode>(
    'AGENT_FILE_INVALID',
    `${file} is no export of agents: its first line does not say so`,
    {
      mend: 'make one by arbiter agents export FILE',
      place: { file, line: 1 },
    },
  );
}

/** Versions before agents, so that an agent that is added finds what its version had inherited. */
async function takeIn(
  runtime: OpenRuntime,
  lines: readonly ExportLine[],
  replace: boolean,
): Promise<Omit<AgentsImported, 'refused'>> {
  let versions = 0;
  for (const line of lines) {
    if (line.kind === 'version' && (await runtime.registry.putVersion(line.agent, line.record))) versions += 1;
  }
  return { versions, ...(await addAgents(runtime, lines, replace)), ...(await takeOutcomes(runtime, lines)) };
}

async function addAgents(
  { registry, agents }: OpenRuntime,
  lines: readonly ExportLine[],
  replace: boolean,
): Promise<Pick<AgentsImported, 'agents' | 'kept'>> {
  const there = new Set((await registry.read(null)).agents.map(({ name }) => name));
  const profiles = lines.flatMap((line) => (line.kind === 'agent' ? [line.profile] : []));
  const stays = (name: string): boolean => there.has(name) && !replace;
  const added = profiles.filter(({ name }) => !stays(name));
  for (const profile of added) await agents.put(profile);
  return { agents: added.length, kept: profiles.map(({ name }) => name).filter(stays) };
}

async function takeOutcomes(
  { registry }: OpenRuntime,
  lines: readonly ExportLine[],
): Promise<Pick<AgentsImported, 'outcomes' | 'known'>> {
  const done = { outcomes: 0, known: 0 };
  for (const line of lines) {
    if (line.kind !== 'outcome') continue;
    const { outcome } = await registry.observe(line.observation);
    done[outcome === 'duplicate' ? 'known' : 'outcomes'] += 1;
  }
  return done;
}
