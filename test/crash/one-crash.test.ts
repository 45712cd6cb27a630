import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import type { Task } from '../../src/core/tasks/task.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { noLocalServer } from '../store/cluster.js';
import { createExternalDatabase } from './external-database.js';
import { type CrashHome, createCrashHome, sendSignal, until } from './crash-home.js';
import { type Crew, createCrew } from './crew.js';
import { cutSessions, holdDatabase, killPostmaster, killSleepers } from './faults.js';
import { type Ground, brokenOffFiles, digestRepository, layGround } from './ground.js';
import { findNeedlessLegs, isResting, judgeEnd, judgeRefs, judgeStory, judgeVerdicts, readAll } from './judge-tasks.js';
import { type Kind, kinds, requestOf, sleeper } from './kinds.js';
import { describeProcess, letTimePass, namesIn, processesOf } from './processes.js';
import { untilAtRest } from './rest.js';

const kindNamed = (name: string): Kind => {
  const kind = kinds.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`there is no kind ${name}`);
  return kind;
};

/** ARBITER_CRASH_STORE=local: on the PostgreSQL of this machine, which is shut where an embedded one is killed. */
const onLocal = process.env['ARBITER_CRASH_STORE'] === 'local';

describe('one crash at a time', () => {
  let home: CrashHome;
  let ground: Ground;
  let runtime: OpenRuntime;
  let crew: Crew;
  let before = '';
  const asked = new Map<string, Kind>();

  beforeAll(async () => {
    const external = onLocal ? await createExternalDatabase() : null;
    if (onLocal && external === null) throw new Error(noLocalServer);
    home = createCrashHome({}, undefined, external);
    const first = await home.open();
    ground = await layGround(home, first, 2000);
    await first.close();
  });
  afterAll(async () => {
    await home.close();
    await ground.remove();
  });
  beforeEach(async () => {
    runtime = await home.open();
    before = digestRepository(ground.repository);
    crew = createCrew(home, 1);
  });
  // Whatever a test has killed: afterwards every task is right, and nothing is left of it.
  afterEach(async () => {
    const told = await readAll(runtime);
    const tasks = told.map(({ task }) => task);
    const wrong = told.flatMap(({ task, events }) => {
      const kind = asked.get(task.id) ?? kindNamed(task.request.words);
      return [...judgeEnd(task, kind), ...judgeStory(task, events)].map((text) => `${kind.name} ${task.id} ${text}`);
    });
    await until('no leg is left', 20_000, async () => (await findNeedlessLegs(runtime, tasks)).length === 0);
    expect(wrong).toEqual([]);
    expect(await judgeVerdicts(home, ground, told)).toEqual([]);
    expect(await judgeRefs(ground, tasks)).toEqual([]);
    // A worker that starts looks for what the dead have left.
    if ((await runtime.executors()).length > 0) expect((await home.run('down')).code).toBe(0);
    letTimePass(home.temporary);
    expect((await home.run('up')).code).toBe(0);
    expect(await runtime.leases.list()).toEqual([]);
    expect((await home.run('down')).code).toBe(0);
    await runtime.close();
    await home.ports.runtime.stopServer();
    expect(processesOf(home.home).map(describeProcess)).toEqual([]);
    expect(namesIn(home.temporary)).toEqual([]);
    expect(brokenOffFiles(ground.repository)).toEqual([]);
    expect(digestRepository(ground.repository)).toBe(before);
  }, 120_000);

  const submit = async (name: string): Promise<Task> => {
    const kind = kindNamed(name);
    const { task } = await submitTask(home.ports, runtime, requestOf(kind, ground.repository, null, Date.now()));
    asked.set(task.id, kind);
    return task;
  };
  const state = async (id: string): Promise<string> => (await runtime.tasks.read(id)).task.state;
  const reaches = (id: string, wanted: string): Promise<void> =>
    until(`task ${id} is ${wanted}`, 40_000, async () => (await state(id)) === wanted);
  const rest = (): Promise<void> => untilAtRest(runtime, 90_000);
  const told = async (id: string): Promise<readonly string[]> =>
    (await runtime.tasks.readEvents(id)).map(({ event }) => event.type);
  const up = async (): Promise<void> => {
    crew.refill();
    await until('a worker is up', 30_000, async () => (await runtime.executors()).length > 0);
  };
  const killCrew = async (): Promise<void> => {
    const pids = crew.pids();
    const gone = pids.map((pid) => crew.gone(pid));
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    await Promise.all(gone);
  };
  /** Starts `arbiter run` in the words of a kind, and answers its process and its task. */
  const startRun = async (
    name: string,
  ): Promise<{ readonly pid: number; readonly id: string; ended(): Promise<number | null> }> => {
    const { agents, refinements = 1 } = kindNamed(name);
    const known = new Set((await runtime.tasks.list({ limit: 1000 })).map(({ id }) => id));
    const flags = [
      '-C',
      ground.repository,
      '--spec',
      'POST-001',
      '--refinements',
      String(refinements),
      '--agent',
      ...agents,
    ];
    const child = home.start('run', name, ...flags);
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    let id = '';
    await until('the task is there', 20_000, async () => {
      const task = (await runtime.tasks.list({ limit: 1000 })).find(
        (one) => !known.has(one.id) && one.request.words === name,
      );
      id = task?.id ?? '';
      return task !== undefined;
    });
    return { pid: child.pid ?? 0, id, ended: () => ended };
  };

  it('killed between a verdict and its signature: one verdict, signed once', { timeout: 150_000 }, async () => {
    mkdirSync(home.stateHome, { recursive: true });
    writeFileSync(join(home.stateHome, 'verdicts'), 'in the way');
    crew.refill();
    const { id } = await submit('refused');
    await reaches(id, 'verdict');
    await killCrew();
    expect((await told(id)).filter((type) => type.startsWith('verdict'))).toEqual(['verdict-reached']);
    rmSync(join(home.stateHome, 'verdicts'));
    crew.refill();
    await rest();
    expect((await told(id)).filter((type) => type.startsWith('verdict'))).toEqual([
      'verdict-reached',
      'verdict-recorded',
    ]);
  });

  it(
    'killed between a signed verdict and its record: the same bytes again, and the candidate kept',
    { timeout: 150_000 },
    async () => {
      const { id } = await submit('accepted');
      const inTheWay = join(ground.repository, `.git/refs/arbiter/tasks/${id}.lock`);
      mkdirSync(dirname(inTheWay), { recursive: true });
      writeFileSync(inTheWay, 'in the way');
      crew.refill();
      await until('the verdict is signed', 40_000, () =>
        namesIn(`${home.stateHome}/verdicts/${id}/1-0`).includes('verdict.yaml'),
      );
      await killCrew();
      expect(await state(id)).toBe('verdict');
      rmSync(inTheWay);
      crew.refill();
      await rest();
      expect((await told(id)).filter((type) => type.startsWith('verdict'))).toEqual([
        'verdict-reached',
        'verdict-recorded',
      ]);
    },
  );

  it(
    'arbiter run, killed as it worked: the next arbiter up ends the task with one verdict',
    { timeout: 150_000 },
    async () => {
      const { pid, id } = await startRun('accepted');
      await reaches(id, 'working');
      sendSignal(pid, 'SIGKILL');
      expect((await home.run('up')).code).toBe(0);
      await rest();
      expect((await told(id)).filter((type) => type === 'task-taken-over').length).toBeGreaterThan(0);
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'arbiter run, asked to end by %s, ends soon and leaves the task',
    { timeout: 150_000 },
    async (signal) => {
      const { pid, id, ended } = await startRun('refused');
      await reaches(id, 'working');
      const askedMs = Date.now();
      sendSignal(pid, signal);
      await ended();
      expect(Date.now() - askedMs).toBeLessThan(8000);
      expect(isResting((await runtime.tasks.read(id)).task)).toBe(false);
      expect((await home.run('up')).code).toBe(0);
      await rest();
    },
  );

  it('two arbiter run on one repository at once', { timeout: 150_000 }, async () => {
    const runs = await Promise.all([startRun('accepted'), startRun('refused')]);
    expect(await Promise.all(runs.map((run) => run.ended()))).toEqual([0, 1]);
  });

  it('a repository that moves while the task runs', { timeout: 150_000 }, async () => {
    crew.refill();
    const { id } = await submit('accepted');
    await reaches(id, 'working');
    const { base } = (await runtime.tasks.read(id)).task;
    await ground.commit('main moves', { 'src/other.js': `export const other = ${Date.now()};\n` });
    before = digestRepository(ground.repository);
    await rest();
    expect((await ground.git('rev-parse', `refs/arbiter/tasks/${id}^`)).trim()).toBe(base);
  });

  it('arbiter down in the middle, and up again', { timeout: 150_000 }, async () => {
    crew.refill();
    const tasks = [await submit('accepted'), await submit('refused'), await submit('busy once')];
    for (const { id } of tasks)
      await until('work has begun', 40_000, async () => (await told(id)).includes('work-started'));
    expect((await home.run('down')).code).toBe(0);
    await until('no worker is left', 5000, () => crew.pids().length === 0);
    crew.refill();
    await rest();
  });

  it('the database killed under load, again and again', { timeout: 150_000 }, async () => {
    await up();
    for (let count = 0; count < 20; count += 1) await submit('refused');
    for (let count = 0; count < 4; count += 1) {
      await sleep(700);
      await killPostmaster({ home });
    }
    await rest();
  });

  it('the database held for seconds, and every session cut', { timeout: 150_000 }, async () => {
    await up();
    for (let count = 0; count < 10; count += 1) await submit('refused');
    await sleep(1000);
    await holdDatabase({ home }, 4000);
    await cutSessions(home);
    await rest();
  });

  it('a program of an agent killed: the next agent is asked', { timeout: 150_000 }, async () => {
    crew.refill();
    const { id } = await submit('killed program');
    const program = join(home.home, `${sleeper}.sh`);
    await until('the program works', 40_000, () => processesOf(program).length > 0);
    await until('it works on its part', 40_000, async () => (await told(id)).includes('plan-proposed'));
    await until('the program works again', 40_000, () => processesOf(program).length > 0);
    killSleepers(home);
    await rest();
  });

  it(
    'a worker killed while a program works for it: the next one removes the program and its clone',
    { timeout: 150_000 },
    async () => {
      crew.refill();
      const { id } = await submit('killed program');
      const program = join(home.home, `${sleeper}.sh`);
      await until('the program has planned', 40_000, async () => (await told(id)).includes('plan-proposed'));
      await until('the program works', 40_000, () => processesOf(program).length > 0);
      const orphans = processesOf(program);
      await killCrew();
      const left = await runtime.leases.list();
      expect(left.length).toBeGreaterThan(0);
      crew.refill();
      await until(
        'the first program is gone',
        20_000,
        () => !processesOf(program).some((pid) => orphans.includes(pid)),
      );
      await until('another one works', 40_000, () => processesOf(program).length > 0);
      expect((await runtime.leases.list()).filter((lease) => left.some((one) => one.id === lease.id))).toEqual([]);
      killSleepers(home);
      await rest();
    },
  );

  it('a worker that hangs is taken over, and works on when it comes back', { timeout: 150_000 }, async () => {
    crew.refill();
    const { id } = await submit('accepted');
    await reaches(id, 'working');
    const [zombie = 0] = crew.pids();
    crew.hold(zombie);
    crew.refill();
    const [heir = 0] = crew.pids();
    await rest();
    const ended = (await runtime.tasks.readEvents(id)).length;
    crew.goOn(zombie);
    await until('both are workers', 30_000, async () => (await runtime.executors()).length === 2);
    sendSignal(heir, 'SIGKILL');
    await crew.gone(heir);
    const next = await submit('refused');
    await rest();
    expect((await runtime.tasks.readEvents(id)).length).toBe(ended);
    expect(await state(next.id)).toBe('rejected');
  });
});
