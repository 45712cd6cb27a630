import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { systemClock } from './adapters/clock/system-clock.js';
import { nodeFiles } from './adapters/files/node-files.js';
import { createBackground } from './adapters/background/spawn-background.js';
import type { GateRunnerPorts } from './adapters/gates/gate-runner.js';
import { createGit } from './adapters/git/create-git.js';
import { nativeTreeHash } from './adapters/hash/native-tree-hash.js';
import { createPooledGit } from './adapters/git/pooled-git.js';
import { writeParquet } from './adapters/parquet/write-parquet.js';
import { createOpenPublishedLog } from './adapters/published/open-published-log.js';
import { createRedactor } from './adapters/redaction/create-redactor.js';
import { createRuntime } from './adapters/runtime/create-runtime.js';
import { createBareSandbox, createBubblewrapSandbox } from './adapters/sandbox/index.js';
import { createScratch } from './adapters/scratch/create-scratch.js';
import { createKeyring } from './adapters/signing/keyring.js';
import { noteKeys } from './adapters/signing/note-keys.js';
import { sshKeygen } from './adapters/signing/ssh-keygen.js';
import { trustedPath } from './adapters/sandbox/host-tools.js';
import { createSyntax } from './adapters/syntax/create-syntax.js';
import { createWorkers } from './adapters/workers/create-workers.js';
import { createShownToWorkers } from './adapters/workers/room/shown-to-workers.js';
import { createDocuments } from './adapters/yaml/documents.js';
import { readConfig } from './config.js';
import type { GateRunner } from './ports/gate-runner.js';
import type { Ports } from './ports/ports.js';

/** Puts the adapters behind the ports, as the environment says. Nothing is started, read or written yet. */
export function createPorts(environment: Readonly<Record<string, string | undefined>>, version: string): Ports {
  const config = readConfig(environment, homedir());
  const sandboxes = { bubblewrap: createBubblewrapSandbox(), none: createBareSandbox() };
  const syntax = createSyntax();
  const git = createGit();
  const { stateHome, databaseUrl, durable, concurrency } = config;
  const closed = [`${config.configHome}/keys`, ...(config.verdictKey === null ? [] : [config.verdictKey])];
  const program = fileURLToPath(new URL('./main.js', import.meta.url));
  return {
    background: createBackground({ program, stateHome, environment }),
    clock: systemClock,
    documents: createDocuments(),
    engine: { arbiter: version, node: process.version },
    files: nodeFiles,
    gateRunner: createLateGateRunner({ sandboxes, clock: systemClock, syntax, cacheFolder: config.cacheHome }),
    git,
    poolGit: () => createPooledGit(git, { maxUses: 200, idleMs: 10_000, size: 4 }),
    noteKeys,
    openPublishedLog: createOpenPublishedLog(nodeFiles),
    keyring: createKeyring({
      trustDirectory: `${config.configHome}/trust`,
      shownToWorkers: createShownToWorkers(
        () => trustedPath(environment['PATH'] ?? '', process.cwd()),
        () => performance.now(),
      ),
    }),
    places: config,
    program: { node: process.execPath, main: program },
    redactor: createRedactor(),
    runtime: createRuntime({ stateHome, databaseUrl, durable, concurrency, version }),
    sandboxes,
    scratch: createScratch(),
    sshKeygen,
    syntax,
    treeHash: nativeTreeHash,
    writeParquet,
    workers: (leases) => createWorkers({ leases, git, sandboxes, environment, closed }),
  };
}

/** The gate runner, loaded when gates are run: readers of reports are a third of what there is to load. */
function createLateGateRunner(parts: GateRunnerPorts): GateRunner {
  let loaded: Promise<GateRunner> | null = null;
  const load = (): Promise<GateRunner> =>
    (loaded ??= import('./adapters/gates/gate-runner.js').then(({ createGateRunner }) => createGateRunner(parts)));
  return {
    run: async (run) => (await load()).run(run),
    check: async (request) => (await load()).check(request),
  };
}
