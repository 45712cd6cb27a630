import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelTask } from '../../src/app/tasks/answer-task.js';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { createChance } from './chance.js';
import { type CrashHome, createCrashHome, until } from './crash-home.js';
import { findLocalCluster, noLocalServer } from '../store/cluster.js';
import { type ExternalDatabase, createExternalDatabase } from './external-database.js';
import { type Crew, createCrew } from './crew.js';
import { type Scene, faults, killSleepers } from './faults.js';
import { type Ground, brokenOffFiles, digestRepository, layGround } from './ground.js';
import {
  findNeedlessLegs,
  isResting,
  judgeEnd,
  judgeLedger,
  judgeRefs,
  judgeStory,
  judgeVerdicts,
  readAll,
  tally,
  toldFaults,
} from './judge-tasks.js';
import { type Kind, dealKinds, kinds, requestOf } from './kinds.js';
import { describeProcess, letTimePass, namesIn, processesOf } from './processes.js';
import { untilAtRest } from './rest.js';

const askedRounds = process.env['ARBITER_CRASH_ROUNDS'];
const inFlight = Number(process.env['ARBITER_CRASH_TASKS'] ?? 200);
/** ARBITER_CRASH_STORE: embedded, local or, when it is left out, both. */
const places = [
  {
    name: 'embedded PostgreSQL',
    key: 'embedded',
    rounds: 30,
    find: (): Promise<ExternalDatabase | null> => Promise.resolve(null),
  },
  { name: 'PostgreSQL on 127.0.0.1:5432', key: 'local', rounds: 15, find: createExternalDatabase },
].filter(({ key }) => [undefined, key].includes(process.env['ARBITER_CRASH_STORE']));
const seed = Number(process.env['ARBITER_CRASH_SEED'] ?? Math.floor(Math.random() * 1e9));
const restMs = 400_000;
const workers = 3;

/** The kind of the tasks that `arbiter run` asks for. */
const runKind = 'run';

const hasLocal = (await findLocalCluster()) !== null;
if (!hasLocal) console.warn(noLocalServer);
const title = `rounds with ${inFlight} tasks in flight (ARBITER_CRASH_SEED=${seed})`;
describe.each(places)(`${title} on $name`, ({ key, rounds: usual, find }) => {
  const rounds = Number(askedRounds ?? usual);
  let home: CrashHome;
  let runtime: OpenRuntime;
  let ground: Ground;
  let crew: Crew;
  let before = '';
  const asked = new Map<string, Kind>();
  const chance = createChance(seed);
  const pick = (from: number, to: number): number => chance.between(from, to);

  const promise = it.skipIf(key === 'local' && !hasLocal);

  beforeAll(async () => {
    if (key === 'local' && !hasLocal) return;
    home = createCrashHome({ ARBITER_CONCURRENCY: '24' }, undefined, await find());
    runtime = await home.open();
    ground = await layGround(home, runtime, 1500);
    before = digestRepository(ground.repository);
    crew = createCrew(home, workers);
  });
  afterAll(async () => {
    if (key === 'local' && !hasLocal) return;
    await home.close();
    await ground.remove();
  });

  promise('every task comes to its right end, once', { timeout: rounds * 8000 + restMs }, async () => {
    const startedMs = Date.now();
    const dealt = dealKinds();
    const later: Promise<void>[] = [];
    const topUp = async (): Promise<void> => {
      const open = await persist(async () =>
        (await runtime.tasks.list({ limit: 10_000 })).filter((task) => !isResting(task)),
      );
      const missing = Array.from({ length: Math.max(0, inFlight - open.length) });
      await Promise.all(missing.map(() => submit(dealt.next().value ?? kinds[0], later)));
    };
    crew.refill();
    await topUp();
    const brought: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const fault = chance.weighted(faults);
      brought.push(fault.name);
      await fault.bring(sceneOf());
      await sleep(pick(200, 1500));
      crew.refill();
      await topUp();
    }
    for (const pid of crew.held()) crew.goOn(pid);
    crew.refill();
    const chaosMs = Date.now() - startedMs;
    await Promise.all(later);
    const killing = setInterval(() => killSleepers(home), 1000);
    await untilAtRest(runtime, restMs).finally(() => clearInterval(killing));
    const told = await readAll(runtime);
    const tasks = told.map(({ task }) => task);
    console.log(
      [
        `${tasks.length} tasks, ${rounds} faults in ${chaosMs} ms, at rest after ${Date.now() - startedMs} ms`,
        `brought: ${JSON.stringify(tally(brought), null, 1)}`,
        `told faults: ${JSON.stringify(tally(toldFaults(told)), null, 1)}`,
        `taken over: ${told.flatMap(({ events }) => events).filter(({ event }) => event.type === 'task-taken-over').length}`,
        `strange: ${crew.strange.join('; ')}`,
      ].join('\n'),
    );
    const wrong = told.flatMap(({ task, events }) => {
      const kind = kindOf(task.request.dedup_key);
      const found = [...(kind === null ? ['nobody asked for it'] : judgeEnd(task, kind)), ...judgeStory(task, events)];
      return found.map(
        (text) => `${task.id} (${kind?.name ?? '?'}) ${text}: ${events.map(({ event }) => event.type).join(' ')}`,
      );
    });
    expect(wrong).toEqual([]);
    expect(new Set(tasks.map(({ request }) => request.dedup_key)).size).toBe(tasks.length);
    expect(tasks.filter(({ request }) => request.dedup_key?.startsWith('task')).length).toBe(asked.size);
    expect(await judgeVerdicts(home, ground, told)).toEqual([]);
    expect(await judgeLedger(runtime, told)).toEqual([]);
    expect(await judgeRefs(ground, tasks)).toEqual([]);
    await until('no leg is left', 20_000, async () => (await findNeedlessLegs(runtime, tasks)).length === 0);
  });

  promise('leaves nothing behind but the refs of its own', { timeout: 120_000 }, async () => {
    expect((await home.run('down')).code).toBe(0);
    letTimePass(home.temporary);
    expect((await home.run('up')).code).toBe(0);
    // The new worker clears up while it begins to work.
    const isLeft = (name: string): boolean => /^arbiter-(gates|room)-/.test(name);
    await until('what was left is gone', 20_000, async () => !namesIn(home.temporary).some(isLeft));
    expect(await runtime.leases.list()).toEqual([]);
    expect((await home.run('down')).code).toBe(0);
    await runtime.close();
    await home.ports.runtime.stopServer();
    expect(processesOf(home.home).map(describeProcess)).toEqual([]);
    expect(namesIn(home.temporary)).toEqual([]);
    expect(brokenOffFiles(ground.repository)).toEqual([]);
    expect(digestRepository(ground.repository)).toBe(before);
  });

  function kindOf(key: string | null): Kind | null {
    if (key?.startsWith(runKind) === true) return kinds.find(({ name }) => name === 'refused') ?? null;
    return asked.get(key ?? '') ?? null;
  }

  /** What a person does whose database was away: asks again, under the same key. */
  async function submit(kind: Kind | undefined, later: Promise<void>[]): Promise<void> {
    if (kind === undefined) return;
    const key = `task-${asked.size + 1}`;
    asked.set(key, kind);
    const request = { ...requestOf(kind, ground.repository, null, Date.now()), dedup_key: key };
    const { task } = await persist(() => submitTask(home.ports, runtime, request));
    if (kind.cancelAfterMs === undefined) return;
    const cancel = async (): Promise<void> => {
      await sleep(kind.cancelAfterMs);
      await persist(() => cancelTask(runtime, task.id, 'the test', Date.now()));
    };
    later.push(cancel());
  }

  async function persist<Result>(act: () => Promise<Result>): Promise<Result> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await act();
      } catch (error) {
        if (tries > 20) throw error;
        console.log(`asked again: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(250);
      }
    }
  }

  let runs = 0;
  function sceneOf(): Scene {
    return {
      home,
      crew,
      pick,
      startRun() {
        runs += 1;
        const flags = [
          '--agent',
          'hasty',
          '--spec',
          'POST-001',
          '--refinements',
          '0',
          '--dedup-key',
          `${runKind}-${runs}`,
        ];
        return { pid: home.start('run', 'again', '-C', ground.repository, ...flags).pid ?? 0 };
      },
    };
  }
});
