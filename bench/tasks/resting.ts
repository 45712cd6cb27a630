import { type ChildProcess, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Home, inHome } from './home.js';
import { proportionalMb, readCpuTimes, residentMb, serverPids, usedBetween } from './process-facts.js';
import { builtCli } from './product.js';
import { requestOf, submitMany } from './requests.js';
import { type Row, rowOf } from './row.js';
import { layWorld } from './world.js';

const idleMs = 30_000;
const queued = 1000;
const queuedMs = 20_000;

/** A worker as people start it, with nothing to do, for half a minute. */
export async function benchIdle(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const worker = await startWorker(home);
    const pid = worker.pid ?? 0;
    try {
      await sleep(3000);
      const server = serverPids(home.stateHome);
      const [before, serverBefore] = [readCpuTimes([pid]), readCpuTimes(server)];
      await sleep(idleMs);
      const share = (reading: typeof before, pids: readonly number[]): number => {
        const after = readCpuTimes(pids);
        return (usedBetween(reading, after, cpus().length).oursMs / (after.atMs - reading.atMs)) * 100;
      };
      return [
        rowOf('idle worker, 30 s', share(before, [pid]), '% of a core', { below: 3 }),
        rowOf('idle worker, resident', residentMb(pid), 'MB', { below: 200 }),
        rowOf('idle worker, its embedded server, 30 s', share(serverBefore, server), '% of a core'),
        rowOf('idle worker, its embedded server, proportional', proportionalMb(serverPids(home.stateHome)), 'MB'),
      ];
    } finally {
      await stopWorker(worker);
    }
  });
}

/** The same worker with a thousand real tasks before it; the peak while it works on them for twenty seconds. */
export async function benchQueued(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const world = await layWorld(home);
    const runtime = await home.open();
    try {
      await runtime.agents.put(world.agent);
      const request = requestOf(world.repository, { spec: 'POST-001', key: world.key, agents: ['bench'] });
      await submitMany(home, runtime, request, queued);
      const worker = await startWorker(home);
      let [peakMb, serverMb] = [0, 0];
      try {
        for (const until = Date.now() + queuedMs; Date.now() < until; await sleep(250)) {
          peakMb = Math.max(peakMb, residentMb(worker.pid ?? 0));
          serverMb = Math.max(serverMb, proportionalMb(serverPids(home.stateHome)));
        }
        if (worker.exitCode !== null) throw new Error(`the worker ended with ${worker.exitCode}`);
      } finally {
        await stopWorker(worker);
      }
      return [
        rowOf(`worker with ${queued} queued tasks, resident, peak`, peakMb, 'MB', { below: 400 }),
        rowOf(`embedded server with ${queued} queued tasks, proportional, peak`, serverMb, 'MB'),
      ];
    } finally {
      await runtime.close();
      await world.remove();
    }
  });
}

async function startWorker(home: Home): Promise<ChildProcess> {
  const child = spawn(process.execPath, [builtCli, 'up', '--foreground'], {
    env: home.environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const serving = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('serving')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code ?? 'a signal'}: ${said.slice(-500)}`)));
  });
  await serving;
  return child;
}

async function stopWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(late);
}
