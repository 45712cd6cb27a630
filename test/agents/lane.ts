import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createGit } from '../../src/adapters/git/create-git.js';
import { createBareSandbox, createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import { createAcpWorker } from '../../src/adapters/workers/acp/acp-worker.js';
import { createCliWorker } from '../../src/adapters/workers/cli/cli-worker.js';
import { createEnterRoom } from '../../src/adapters/workers/enter-room.js';
import type { AgentProfile, WireProtocol } from '../../src/core/registry/agent-profile.js';
import type { Lease, LeaseStore } from '../../src/ports/task-store.js';
import type { Assignment, WorkNews, Worker } from '../../src/ports/worker.js';
import { type ScratchRepository, scratchRepository } from '../contract/git/scratch-repository.js';
import { type ModelServer, type ModelServerOptions, startModelServer } from '../model-server/start-model-server.js';
import { assignmentOf, profileOf } from '../workers/give-work.js';

export const realKey = 'sk-real-key-that-no-agent-may-see';

/** A real agent, and the wire that it is pointed at. */
export interface RealAgent {
  readonly program: string;
  readonly kind: 'cli' | 'acp';
  readonly protocol: WireProtocol;
}

/** Real agents that the lane installs. */
export const realAgents: readonly RealAgent[] = [
  { program: 'pi', kind: 'cli', protocol: 'openai-chat' },
  { program: 'opencode', kind: 'cli', protocol: 'openai-chat' },
  { program: 'codex', kind: 'cli', protocol: 'openai-responses' },
  { program: 'claude', kind: 'acp', protocol: 'anthropic' },
  { program: 'codex', kind: 'acp', protocol: 'openai-responses' },
  { program: 'opencode', kind: 'acp', protocol: 'anthropic' },
];

const folder = process.env['ARBITER_AGENTS_LANE'] ?? '';
const sandboxes = { bubblewrap: createBubblewrapSandbox(), none: createBareSandbox() };

/** Why no real agent can be driven here; null when they can. */
export const lacking = await whatLacks();
if (lacking !== null) console.warn(`skipped: ${lacking}`);

async function whatLacks(): Promise<string | null> {
  if (folder === '') return 'the agents lane is not installed (npm run agents:lane)';
  if (!existsSync(join(folder, 'cli', 'bin', 'pi'))) return `there are no agents in ${folder} (npm run agents:lane)`;
  const probe = await sandboxes.bubblewrap.probe();
  return probe.available ? null : probe.detail;
}

/** Folders of the lane's programs. */
export const lanePath = [join(folder, 'cli', 'bin'), join(folder, 'acp', 'bin')].join(delimiter);

/** A repository, a scripted model and a worker of the real agent's kind. */
export interface Stage {
  readonly repository: ScratchRepository;
  readonly server: ModelServer;
  readonly worker: Worker;
  readonly news: WorkNews[];
  readonly tell: (one: WorkNews) => void;
  assignment(text: string, more?: Parameters<typeof assignmentOf>[2]): Assignment;
  /** Closes the server; fails when the repository was touched or a room is left. */
  leave(): Promise<void>;
}

const files = { 'a.txt': 'original\n', 'src/main.js': 'export const one = 1;\n', 'lib/other.js': 'other\n' };

/** Sets the stage; `leave` it in any case. */
export async function setStage(agent: RealAgent, model: ModelServerOptions): Promise<Stage> {
  const repository = scratchRepository(files);
  const server = await startModelServer(model);
  const leases = memoryLeases();
  const enterRoom = createEnterRoom({ git: createGit(), sandboxes, leases, environment: { TEST_KEY: realKey } });
  const parts = { enterRoom, path: lanePath };
  const news: WorkNews[] = [];
  return {
    repository,
    server,
    worker: agent.kind === 'acp' ? createAcpWorker(parts) : createCliWorker(parts),
    news,
    tell: (one) => void news.push(one),
    assignment: (text, more) =>
      assignmentOf(profileFor(agent, server), text, {
        repository: repository.root,
        base: repository.git('rev-parse', 'HEAD'),
        ...more,
        bounds: { wall_ms: 80_000, ...more?.bounds },
      }),
    async leave() {
      await server.close();
      const left = await leases.list();
      if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
      if (repository.git('status', '--porcelain') !== '') throw new Error('the repository was touched');
    },
  };
}

function profileFor({ program, kind, protocol }: RealAgent, server: ModelServer): AgentProfile {
  const base = protocol === 'gemini' ? '/v1beta' : '/v1';
  return profileOf({
    name: `${program}-${kind}`,
    kind,
    program,
    model: 'mock-model',
    endpoint: { protocol, base_url: `${server.url}${base}`, key_env: 'TEST_KEY' },
  });
}

function memoryLeases(): LeaseStore {
  const held = new Map<string, Lease>();
  let count = 0;
  return {
    async take(kind, what) {
      count += 1;
      held.set(String(count), { id: String(count), kind, what, owner: String(process.pid), host: 'here' });
      return String(count);
    },
    async release(id) {
      held.delete(id);
    },
    list: async () => [...held.values()],
  };
}

/** Names of processes that run from the lane's folder. */
export function processesOfLane(): readonly string[] {
  if (folder === '') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => commandOf(pid))
    .filter((command) => command.includes(folder) && !command.includes('vitest') && !command.includes('agents-lane'));
}

function commandOf(pid: string): readonly string[] {
  try {
    return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
  } catch {
    return []; // It has ended in the meantime.
  }
}
