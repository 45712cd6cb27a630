import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { nextCommands } from '../../src/core/tasks/decide.js';
import { type Ground, eventsOf, layGround, only, setAgents, spend, submit } from '../e2e/routing-ground.js';
import { writeToyAgent } from '../e2e/toy-agent.js';
import type { World } from '../e2e/world.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type CrashHome, createCrashHome, sendSignal, until } from './crash-home.js';
import { type Crew, createCrew } from './crew.js';
import { describeProcess, namesIn, processesOf } from './processes.js';
import { untilAtRest } from './rest.js';

// Two agents race in a worker process that is killed: whoever takes the race over ends it as if nothing had happened.
describe('a worker killed in the middle of a race', () => {
  let home: CrashHome;
  let world: World;
  let runtime: OpenRuntime;
  let ground: Ground;
  let crew: Crew;

  beforeAll(async () => {
    home = createCrashHome();
    const quiet = { stage: () => undefined, note: () => undefined };
    world = {
      ports: home.ports,
      home: home.home,
      told: [],
      context: { progress: quiet, signal: new AbortController().signal },
      async repository(files) {
        const repository = await home.ports.scratch.createRepository('crash-race');
        return { ...repository, base: await repository.commit('base', files) };
      },
      close: () => home.close(),
    };
    runtime = await home.open();
    ground = await layGround(world, 'routing: { plans: [race] }\n');
    crew = createCrew(home, 1);
  });
  afterAll(async () => {
    await ground.repository.remove();
    await home.close();
  });

  it('one verdict, the loser is told off, nothing is left over, and each outcome is learned once', async () => {
    const swift = [{ patch: ground.patches.whole, spend: spend(700), plan_spend: spend(30), delay_ms: 6000 }];
    await setAgents(world, runtime, { swift });
    const program = writeToyAgent(home.home, 'endless', ['sleep 600 & wait']);
    await runtime.agents.put(
      agentProfileSchema.parse({ name: 'endless', kind: 'cli', command: [program, '{prompt}'] }),
    );
    crew.refill();
    const id = await submit(world, runtime, ground);
    const told = async (type: 'plan-proposed'): Promise<number> => only(await eventsOf(runtime, id), type).length;
    await until('both have planned', 60_000, async () => (await told('plan-proposed')) === 2);
    await until('the program works', 30_000, () => processesOf(program).length > 0);
    const { task: racing } = await runtime.tasks.read(id);
    expect(racing).toMatchObject({ state: 'working', routing: { plan: { kind: 'race' } } });
    expect(nextCommands(racing).map((command) => command.do)).toEqual(['work', 'work']);
    const orphans = processesOf(program);
    const pids = crew.pids();
    const gone = pids.map((pid) => crew.gone(pid));
    for (const pid of pids) expect(sendSignal(pid, 'SIGKILL')).toBe(true);
    await Promise.all(gone);
    crew.refill();
    await untilAtRest(runtime, 120_000);

    const { task } = await runtime.tasks.read(id);
    expect(task).toMatchObject({ state: 'accepted', attempt: 1, routing: { decisions: 1 } });
    const events = await eventsOf(runtime, id);
    expect(only(events, 'task-taken-over').length).toBeGreaterThan(0);
    expect(only(events, 'verdict-reached')).toMatchObject([{ outcome: 'PASS' }]);
    expect(only(events, 'verdict-recorded')).toHaveLength(1);
    const [lost, ...others] = only(events, 'candidate-cancelled');
    expect(others).toEqual([]);
    expect(task.candidates[lost?.candidate ?? -1]?.agent).toBe('endless');
    // A real program: until it is dead and its clone is taken away.
    expect(lost?.after_ms).toBeLessThan(2000);
    // Nothing was planned or paid for twice.
    expect(only(events, 'plan-proposed')).toHaveLength(2);
    expect(task.spend.micro_usd).toBe(730);

    // Nothing is left of the first race, nor of the second.
    await until('its programs are gone', 30_000, () => processesOf(program).length === 0);
    expect(
      processesOf(program)
        .filter((pid) => orphans.includes(pid))
        .map(describeProcess),
    ).toEqual([]);

    const outcomes = async () => (await runtime.routes.ofTask(id)).flatMap((one) => one.outcomes);
    await until('both outcomes are learned', 30_000, async () => (await outcomes()).length === 2);
    expect((await outcomes()).toSorted((a, b) => a.agent.localeCompare(b.agent))).toMatchObject([
      { agent: 'endless', verdict: null, reward: null },
      { agent: 'swift', verdict: 'PASS', reward: 1, costMicroUsd: 730 },
    ]);
    const [decision] = await runtime.routes.ofTask(id);
    const { memory } = await runtime.routes.recall(decision?.decision.scope ?? '', ['swift@1', 'endless@1']);
    expect(memory).toMatchObject({ arms: { 'swift@1': { weight: 1, reward: 1 } }, pending: {} });
    expect(Object.keys(memory.arms)).toEqual(['swift@1']);
    let observed = 0;
    for await (const some of runtime.registry.observations()) observed += some.length;
    expect(observed).toBe(1);

    await until('nothing is leased', 30_000, async () => (await runtime.leases.list()).length === 0);
    expect((await home.run('down')).code).toBe(0);
    expect(namesIn(home.temporary).filter((name) => !name.startsWith('node-compile'))).toEqual([]);
  }, 240_000);
});
