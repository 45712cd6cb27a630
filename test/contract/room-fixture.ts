import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { createGit } from '../../src/adapters/git/create-git.js';
import { createBareSandbox, createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import { readProcessTable } from '../../src/adapters/sandbox/process-table.js';
import { openRoom } from '../../src/adapters/workers/room/open-room.js';
import type { ObservedCall } from '../../src/adapters/workers/room/model-relay.js';
import type { OpenRoom } from '../../src/adapters/workers/room/room.js';
import type { RoomRequest } from '../../src/adapters/workers/room/room-request.js';
import type { Meter } from '../../src/adapters/workers/spend/meter.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { type BoundKind, nothingSpent } from '../../src/core/tasks/spend.js';
import type { Lease, LeaseStore } from '../../src/ports/task-store.js';
import type { Assignment } from '../../src/ports/worker.js';
import { type ScratchRepository, scratchRepository } from './git/scratch-repository.js';

const sandboxes = { bubblewrap: createBubblewrapSandbox(), none: createBareSandbox() };
const probe = await sandboxes.bubblewrap.probe();
export const hasBubblewrap = probe.available;
if (!hasBubblewrap) console.warn(`skipped: ${probe.detail}`);

export const realKey = 'sk-real-key-that-nobody-inside-may-see';

/** Leases in this process's memory, and what happened to them in order. */
function memoryLeases(): LeaseStore & { readonly story: string[] } {
  const held = new Map<string, Lease>();
  const story: string[] = [];
  return {
    story,
    async take(kind, what) {
      const id = String(held.size + story.length);
      story.push(`take ${existsSync(what) ? 'late' : 'early'}`);
      held.set(id, { id, kind, what, owner: `${process.pid}.0`, host: 'here' });
      return id;
    },
    async release(id) {
      story.push(`release ${existsSync(held.get(id)?.what ?? '') ? 'early' : 'late'}`);
      held.delete(id);
    },
    list: async () => [...held.values()],
  };
}

/** A meter that counts calls as turns and stops at a bound when it is told to. */
function fakeMeter(): Meter & { reach(bound: BoundKind): void } {
  let bound: BoundKind | null = null;
  const stops: ((bound: BoundKind) => void)[] = [];
  return {
    add: () => undefined,
    calls: () => [],
    spend: () => nothingSpent,
    reached: () => bound,
    onReached: (stop) => void stops.push(stop),
    reach(kind) {
      bound = kind;
      for (const stop of stops) stop(kind);
    },
  };
}

export type Answering = (request: IncomingMessage, body: string, answer: ServerResponse) => void;

/** A model endpoint on the loopback, and what it was asked. */
export async function serveEndpoint(answering: Answering): Promise<{
  readonly url: string;
  readonly asked: { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  readonly server: Server;
}> {
  const asked: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, answer) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({ url: request.url ?? '', headers: request.headers, body });
      answering(request, body, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/v1`, asked, server };
}

export const files: Readonly<Record<string, string>> = {
  'AGENTS.md': 'rules\n',
  '.caws/policy.yaml': 'version: 1\n',
  '.github/workflows/ci.yml': 'on: push\n',
  'docs/a.md': 'doc\n',
  'lib/other.js': 'other\n',
  'src/deep/AGENTS.md': 'deep rules\n',
  'src/deep/code.js': 'deep\n',
  'src/main.js': 'main\n',
  'src/secret/keys.js': 'keys\n',
  'test/main.test.js': 'test\n',
  '.gitignore': 'ignored/\n',
};

interface Scope {
  readonly in: string[];
  readonly out?: string[];
  readonly support?: string[];
}

function assignmentFor(repository: ScratchRepository, more: Partial<Assignment> & { scope?: Scope } = {}): Assignment {
  const { scope, ...rest } = more;
  return {
    taskId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    attempt: 1,
    candidate: 0,
    chunk: null,
    agent: agentProfileSchema.parse({ name: 'tester', kind: 'cli' }),
    repository: repository.root,
    base: repository.git('rev-parse', 'HEAD'),
    startPatch: null,
    spec: {
      dialect: 'A',
      id: 'FEAT-1',
      title: 'A thing',
      riskTier: 2,
      mode: 'feature',
      lifecycle: 'active',
      changeBudget: null,
      blastRadius: { modules: [], dataMigration: false },
      scope: { in: scope?.in ?? ['src/'], out: scope?.out ?? [], support: scope?.support ?? [] },
      invariants: [],
      acceptance: [],
      security: [],
      contracts: [],
      rollbackSlo: null,
    },
    protectedPaths: [],
    prompt: { id: 'work@1', sha256: '0'.repeat(64), text: 'do it' },
    plan: null,
    findings: [],
    bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 60_000 },
    sandbox: 'bubblewrap',
    ...rest,
  };
}

const open = new Set<OpenRoom>();

/** Closes what the tests of a file left open. */
export async function closeRooms(): Promise<void> {
  await Promise.all(Array.from(open, (room) => room.close()));
  open.clear();
}

interface Opened {
  readonly room: OpenRoom;
  readonly repository: ScratchRepository;
  readonly meter: ReturnType<typeof fakeMeter>;
  readonly leases: ReturnType<typeof memoryLeases>;
  readonly calls: (ObservedCall & { said: string; ended: boolean })[];
  readonly abort: AbortController;
  sh(script: string): Promise<string>;
  /** Lines of the sealed patch that name files. */
  changed(): Promise<string[]>;
}

/** Opens a room on a fresh repository. */
export async function opened(
  more: Partial<Assignment> & { scope?: Scope } = {},
  request: Partial<RoomRequest> & {
    readonly repository?: ScratchRepository;
    readonly environment?: Record<string, string>;
  } = {},
): Promise<Opened> {
  const { repository = scratchRepository(files), environment = { TEST_KEY: realKey }, ...rest } = request;
  const meter = fakeMeter();
  const leases = memoryLeases();
  const abort = new AbortController();
  const calls: Opened['calls'] = [];
  const room = await openRoom(
    { git: createGit(), sandboxes, leases, environment },
    {
      assignment: assignmentFor(repository, more),
      meter,
      mode: 'work',
      installs: [],
      observe: (call) => {
        const seen = { ...call, said: '', ended: false };
        calls.push(seen);
        return {
          chunk: (bytes) => void (seen.said += Buffer.from(bytes).toString()),
          end: () => void (seen.ended = true),
        };
      },
      signal: abort.signal,
      ...rest,
    },
  );
  open.add(room);
  return {
    room,
    repository,
    meter,
    leases,
    calls,
    abort,
    sh: async (script) => (await room.run({ argv: ['/bin/sh', '-c', script] })).output,
    changed: async () =>
      Buffer.from(await room.seal())
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('diff --git'))
        .map((line) => line.replace(/^diff --git a\/.* b\//, '')),
  };
}

/** Numbers of processes that have the text among their arguments. */
export function processesWith(argument: string): number[] {
  return readProcessTable()
    .map(({ pid }) => pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(argument) && pid !== process.pid;
      } catch {
        return false;
      }
    });
}
