import { encodeUtf8 } from '../../core/digest.js';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import { type Recording, recordedAttemptSchema } from '../../core/tasks/recording.js';
import type { Ports } from '../../ports/ports.js';
import type { ScratchRepository } from '../../ports/scratch.js';
import { demoAgents } from './demo-files.js';

/**
 * Makes a recording for each of the demo's agents, by really committing what it does on a branch and measuring it with
 * git; answers the agents that repeat them.
 */
export async function recordAgents(
  ports: Ports,
  repository: ScratchRepository,
  base: string,
  folder: string,
): Promise<readonly AgentProfile[]> {
  const profiles: AgentProfile[] = [];
  const git = await ports.git.open(repository.directory);
  try {
    for (const [name, attempts] of Object.entries(demoAgents)) {
      const recorded: Recording['attempts'] = [];
      for (const { says, files } of attempts) {
        await repository.branch('recording', base);
        const head = await git.resolveCommit(await repository.commit(says, files));
        const change = await git.measure(await git.resolveCommit(base), head.tree, head.id);
        let patch = '';
        for await (const chunk of git.diff(change)) patch += new TextDecoder().decode(chunk);
        recorded.push(
          recordedAttemptSchema.parse({
            plan: {
              files: [
                { path: 'src/postage.js', lines: 4 },
                { path: 'test/postage.test.js', lines: 4 },
              ],
            },
            patch,
            rationale: { summary: says, acceptance: [{ id: 'A1', met_by: says }] },
            spend: { micro_usd: 12_000, input_tokens: 4000, output_tokens: 400, turns: 3, wall_ms: 50 },
            news: [{ kind: 'message', text: says }],
            delay_ms: 50,
          }),
        );
      }
      const recording: Recording = { version: 1, agent: name, model: 'recorded', attempts: recorded };
      const file = `${folder}/${name}.recording.json`;
      await ports.files.replaceFile(file, encodeUtf8(`${JSON.stringify(recording, null, 2)}\n`));
      profiles.push(agentProfileSchema.parse({ name, kind: 'replay', file }));
    }
    await repository.branch('main', base);
  } finally {
    await git.close();
  }
  return profiles;
}
