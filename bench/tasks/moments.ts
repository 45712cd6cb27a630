import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../speed/row.js';
import { type Member, startCrew } from './crew.js';
import { inHome } from './home.js';
import { benchAgent, requestOf, submitMany } from './requests.js';
import { type Row, rowOf } from './row.js';

const rounds = 60;
const inWork = 20;

/** From the call that submits a task to its first stage in another process, which is idle until then. */
export async function benchLatency(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const runtime = await home.open();
    const crew = await startCrew(home, 'instant', 1);
    try {
      await runtime.agents.put(benchAgent(null));
      crew.go();
      await crew.members[0]?.heard('serving');
      const samples: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const startedMs = Date.now();
        const [id = ''] = await submitMany(home, runtime, requestOf('/bench'), 1);
        await sleep(70 + Math.random() * 60);
        const admitted = async (): Promise<number | undefined> =>
          (await runtime.tasks.readEvents(id)).find(({ event }) => event.type === 'task-admitted')?.atMs;
        let atMs = await admitted();
        while (atMs === undefined) {
          await sleep(20);
          atMs = await admitted();
        }
        if (round >= 5) samples.push(atMs - startedMs);
      }
      const what = `submit to start, idle, of ${samples.length}`;
      return [
        rowOf(`${what}: p95`, quantile(samples, 0.95), 'ms', { below: 150 }),
        rowOf(`${what}: median`, quantile(samples, 0.5), 'ms'),
      ];
    } finally {
      await crew.stop();
      await runtime.close();
    }
  });
}

/** A worker is killed with twenty tasks in mid-work; until the last of them is at work in another process. */
export async function benchTakeover(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const runtime = await home.open();
    const lanes = { BENCH_LANES: String(inWork), ARBITER_CONCURRENCY: String(inWork) };
    const crew = await startCrew(home, 'hold', 2, lanes);
    try {
      await runtime.agents.put(benchAgent(null, inWork));
      const [first, second] = crew.members;
      if (first === undefined || second === undefined) throw new Error('the crew is too small');
      crew.goOne(0);
      await first.heard('serving');
      const held = worksOn(first, inWork);
      // Many more tasks than lanes, which are drawn: each lane has some (but once in 10,000 runs), and what waits in it may
      // not come first.
      await submitMany(home, runtime, requestOf('/bench', { agents: ['bench'] }), inWork * 12);
      const dead = await held;
      crew.goOne(1);
      await second.heard('serving');
      await sleep(500);
      const taken = new Promise<number>((resolve) => {
        const left = new Set(dead);
        second.onWord((word) => {
          if (word.say !== 'working') return;
          left.delete(word.task);
          if (left.size === 0) resolve(word.atMs);
        });
      });
      const killedMs = Date.now();
      first.kill();
      const lastMs = await Promise.race([taken, sleep(30_000, Infinity)]);
      return [
        rowOf(`takeover of ${inWork} tasks in mid-work after kill -9`, (lastMs - killedMs) / 1000, 's', { below: 5 }),
      ];
    } finally {
      await crew.stop();
      await runtime.close();
    }
  });
}

/** Settles with the tasks once so many are in work. */
function worksOn(member: Member, count: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const seen = new Set<string>();
    member.onWord((word) => {
      if (word.say !== 'working') return;
      seen.add(word.task);
      if (seen.size === count) resolve([...seen]);
    });
  });
}
