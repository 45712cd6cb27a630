import { systemClock } from '../../src/adapters/clock/system-clock.js';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Comparison, compareOutcomes, isEqual } from '../../src/app/learning/compare-outcomes.js';
import { mendOutcomes } from '../../src/app/learning/mend-outcomes.js';
import { type LateWorld, learnLate } from '../../src/app/routing/learn-late.js';
import { learnTask } from '../../src/app/routing/learn-task.js';
import type { Outcome } from '../../src/core/learning/outcome.js';
import { rewardOf } from '../../src/core/learning/reward.js';
import { type TestCluster, type TestDatabase, startTestCluster } from '../store/cluster.js';
import { openTestStores } from '../store/stores.js';
import { type Attempt, type Learner, type Story, lateOutcome, layStory, openLearner } from './routed-story.js';

const signal = new AbortController().signal;

describe('what decisions came to', { timeout: 120_000 }, () => {
  let cluster: TestCluster;
  let urls: TestDatabase;
  let crew: readonly Learner[] = [];
  const member = (index: number): Learner => {
    const found = crew[index % crew.length];
    if (found === undefined) throw new Error('nobody is there');
    return found;
  };
  beforeAll(async () => {
    cluster = await startTestCluster();
  }, 60_000);
  beforeEach(async () => {
    for (const { database } of crew) await database.close();
    urls = await cluster.createDatabase();
    crew = await Promise.all([0, 1, 2].map(async () => openLearner(await openTestStores(urls))));
  });
  afterAll(async () => {
    for (const { database } of crew) await database.close();
    await cluster.stop();
  });
  const compare = (): Promise<Comparison> => compareOutcomes({ ...member(0).database, clock: systemClock }, signal);
  const sums = async (arm: string) =>
    (await member(0).database.routes.tally([arm])).map(({ count, reward, costMicroUsd }) => [
      count,
      reward,
      costMicroUsd,
    ]);
  /** As the database's owner, who may do what Arbiter never does. */
  const asOwner = async (...statements: string[]): Promise<void> => {
    const client = new Client({ connectionString: urls.ownerUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  /** A story that was learned and told. */
  const lay = async (agent: string, ...attempts: readonly Attempt[]): Promise<Story> => {
    const story = await layStory(member(0).database, agent, 'standard', attempts);
    await learnTask(member(0).world, story.task);
    await member(0).tracker.catchUp(0, signal);
    return story;
  };
  const take = (learner: Learner, ...outcomes: readonly Outcome[]) =>
    learner.database.points.takeLate(outcomes, Date.now());

  const verdict = fc.constantFrom('PASS', 'FAIL', 'WAIVER_REQUIRED', 'FAULT');
  const attempt = fc.record({
    end: fc.constantFrom('PASS', 'FAIL', 'WAIVER_REQUIRED', 'AGENT_FAILED', 'CLONE_LOST'),
    cost: fc.nat({ max: 1000 }),
  });
  const act = fc.oneof(
    fc.record({
      do: fc.constant('lay'),
      agent: fc.constantFrom('a', 'b'),
      at: fc.constantFrom('trivial', 'complex'),
      attempts: fc.array(attempt, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ do: fc.constantFrom('learn', 'track'), who: fc.nat({ max: 2 }), of: fc.nat({ max: 9 }) }),
    fc.record({
      do: fc.constant('late'),
      who: fc.nat({ max: 2 }),
      of: fc.nat({ max: 9 }),
      attempt: fc.integer({ min: 1, max: 3 }),
      revision: fc.nat({ max: 3 }),
      verdict,
      cost: fc.nat({ max: 1000 }),
      twice: fc.boolean(),
    }),
    fc.record({ do: fc.constant('learn-late'), who: fc.nat({ max: 2 }) }),
  );

  it('is the same in data points, router and registry, in whatever order outcomes, duplicates and revisions come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 30 }), async (acts) => {
        const stories: Story[] = [];
        // What is held against the rest: per execution the newest word, as the tracker admitted it.
        const pending: Promise<unknown>[] = [];
        for (const one of acts) {
          const story = 'of' in one ? stories[one.of % Math.max(1, stories.length)] : undefined;
          if (one.do === 'lay' && 'attempts' in one) {
            stories.push(await layStory(member(0).database, one.agent, one.at, one.attempts));
          } else if (one.do === 'learn' && story !== undefined && 'who' in one) {
            pending.push(learnTask(member(one.who).world, story.task));
          } else if (one.do === 'track' && story !== undefined && 'who' in one) {
            pending.push(member(one.who).tracker.follow(story.task.id));
          } else if (one.do === 'late' && story !== undefined && 'verdict' in one) {
            const outcome = lateOutcome(story, one);
            pending.push(take(member(one.who), outcome, ...(one.twice ? [outcome] : [])));
          } else if (one.do === 'learn-late' && 'who' in one) {
            pending.push(learnLate(member(one.who).world, signal));
          }
          if (pending.length > 4) await Promise.all(pending.splice(0));
        }
        await Promise.all(pending);
        for (const story of stories) await learnTask(member(1).world, story.task);
        for (const { tracker } of crew) await tracker.flush();
        await member(1).tracker.catchUp(0, signal);
        await learnLate(member(2).world, signal);
        const found = await compare();
        expect({ ...found, words: 0 }).toEqual({
          compared: found.compared,
          folded: 0,
          differences: [],
          memories: [],
          sums: [],
          histories: [],
          words: 0,
        });
        expect(found.compared).toBeGreaterThanOrEqual(stories.length);
        expect(crew.flatMap(({ trouble }) => trouble)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('follows a change that was reverted a week later, in all three, once', async () => {
    const story = await lay('pi', { end: 'FAIL', cost: 100 }, { end: 'PASS', cost: 50 });
    expect(await sums('pi@1')).toEqual([[1, 1, 150]]);
    const reverted = lateOutcome(story, { attempt: 2, revision: 1, verdict: 'FAIL', cost: 50 });
    const admissions = (await take(member(1), reverted, reverted)).map(({ admission }) => admission);
    expect(admissions).toEqual(['revised', 'duplicate']);
    expect(isEqual(await compare())).toBe(false);
    const learned = await Promise.all(crew.map(({ world }) => learnLate(world, signal)));
    expect(Math.max(...learned)).toBe(1);
    expect(await sums('pi@1')).toEqual([[1, 0, 150]]);
    const { memory } = await member(2).database.routes.recall(story.decision.scope, ['pi@1']);
    expect(memory.arms['pi@1']).toMatchObject({ pulls: 1, weight: 1, reward: 0 });
    const { histories } = await member(2).database.registry.read(null);
    expect(histories.map(({ history }) => [history.n, history.passed])).toEqual([[1, 0]]);
    expect(isEqual(await compare())).toBe(true);
    expect(await learnLate(member(0).world, signal)).toBe(0);
  });

  it('takes nothing of what is refused', async () => {
    const story = await lay('pi', { end: 'PASS', cost: 50 });
    const before = [await sums('pi@1'), (await member(0).database.registry.read(null)).histories];
    const known = lateOutcome(story, { attempt: 1, revision: 0, verdict: 'FAIL', cost: 50 });
    const answers = await take(
      member(0),
      known,
      { ...known, revision: 1, attempt: 7 },
      { ...known, revision: 1, decision_id: story.task.id },
      { ...known, revision: 1, arm: { ...known.arm, agent: 'other' } },
      { ...known, revision: 1, at_ms: Date.now() + 86_400_000 },
    );
    expect(answers.map(({ admission }) => admission)).toEqual([
      'conflicting',
      'unknown-decision',
      'unknown-decision',
      'other-arm',
      'clock-skew',
    ]);
    expect(await learnLate(member(1).world, signal)).toBe(0);
    expect([await sums('pi@1'), (await member(0).database.registry.read(null)).histories]).toEqual(before);
    expect(isEqual(await compare())).toBe(true);
  });

  it('does not believe an agent that says it succeeded', async () => {
    // Each story has a plea, which says that the work is done.
    await lay('liar', { end: 'FAIL', cost: 1 });
    await lay('liar', { end: 'AGENT_FAILED', cost: 1 });
    expect(await sums('liar@1')).toEqual([[2, 0, 2]]);
    const { histories } = await member(0).database.registry.read(null);
    expect(histories.map(({ history }) => [history.n, history.passed, history.reward])).toMatchObject([[2, 0, {}]]);
    expect(rewardOf('FAIL', 'code-editing')).toBe(0);
    expect(isEqual(await compare())).toBe(true);
  });

  /** Where a process may be killed while it learns what came late: before or after it did a thing. */
  const steps = ['late', 'readEvents', 'takeOutcome', 'settle', 'noteLearned'] as const;
  it.each(steps.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const]))(
    'is finished by another where a process dies at %s, %s it was done',
    async (step, when) => {
      const story = await lay('pi', { end: 'PASS', cost: 50 });
      await take(member(0), lateOutcome(story, { attempt: 1, revision: 1, verdict: 'FAIL', cost: 60 }));
      await expect(learnLate(dying(member(0).world, step, when), signal)).rejects.toThrow('killed');
      await learnLate(member(1).world, signal);
      expect(isEqual(await compare())).toBe(true);
      expect(await sums('pi@1')).toEqual([[1, 0, 60]]);
      const { memory } = await member(2).database.routes.recall(story.decision.scope, ['pi@1']);
      expect(memory).toMatchObject({ arms: { 'pi@1': { pulls: 1, reward: 0 } }, pending: {} });
      expect(await member(1).database.points.unlearned(10)).toEqual([]);
    },
  );

  it('is named where it differs, and made again from the data points, equal to what was there', async () => {
    const story = await lay('pi', { end: 'PASS', cost: 50 });
    await lay('pi', { end: 'FAIL', cost: 20 });
    const whole = async () => [
      (await member(1).database.routes.recall(story.decision.scope, ['pi@1'])).memory,
      await sums('pi@1'),
      (await member(1).database.registry.read(null)).histories,
    ];
    const before = await whole();
    await asOwner(
      `update arbiter.route_memory set state = '{"pulls":"many"}'`,
      `update arbiter.route_sums set outcomes = 7`,
      `update arbiter.agent_history set state = '{"n":99}'`,
    );
    const found = await compare();
    expect([found.memories, found.sums, found.histories, found.differences]).toMatchObject([
      [{ arm: 'pi@1' }],
      [{ arm: 'pi@1', kept: 7, afresh: 2 }],
      ['pi@1/code-editing/standard'],
      [],
    ]);
    await mendOutcomes({ ...member(0).world, histories: member(0).database.registry }, found);
    expect(isEqual(await compare())).toBe(true);
    expect(await whole()).toEqual(before);
  });

  it('is learned again where router or registry lost it, and what they have wrong is set right for good', async () => {
    const story = await lay('pi', { end: 'PASS', cost: 50 });
    const other = await lay('pi', { end: 'FAIL', cost: 20 });
    await asOwner(
      'alter table arbiter.route_outcomes disable trigger user',
      `delete from arbiter.route_outcomes where decision_id = '${other.decision.id}'`,
      `update arbiter.route_outcomes set reward = 0, verdict = 'FAIL' where decision_id = '${story.decision.id}'`,
      'alter table arbiter.route_outcomes enable trigger user',
      'alter table arbiter.agent_observations disable trigger user',
      `delete from arbiter.agent_observations`,
      'alter table arbiter.agent_observations enable trigger user',
    );
    const found = await compare();
    expect(found.differences).toMatchObject([
      { decisionId: story.decision.id, tracker: { reward: 1 }, router: { reward: 0 }, registry: null },
      { decisionId: other.decision.id, tracker: { reward: 0, costMicroUsd: 20 }, router: null, registry: null },
    ]);
    expect([found.memories.length, found.sums.length, found.histories.length]).toEqual([1, 1, 1]);
    await mendOutcomes({ ...member(0).world, histories: member(0).database.registry }, found);
    expect(isEqual(await compare())).toBe(true);
    expect(await sums('pi@1')).toEqual([[2, 1, 70]]);
    // What comes after it was set right is still taken: it is numbered on.
    await take(member(1), lateOutcome(story, { attempt: 1, revision: 1, verdict: 'FAIL', cost: 50 }));
    expect(await learnLate(member(1).world, signal)).toBe(1);
    expect(await sums('pi@1')).toEqual([[2, 0, 70]]);
    expect(isEqual(await compare())).toBe(true);
  });
});

/** A world whose process is killed at a step: what was done stays done, and nothing after it is. */
function dying(world: LateWorld, step: string, when: 'before' | 'after'): LateWorld {
  let isDead = false;
  const guard = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...given: readonly unknown[]): Promise<unknown> => {
          if (isDead || (name === step && when === 'before')) {
            isDead = true;
            throw new Error('killed');
          }
          const answer: unknown = await Reflect.apply(value, target, given);
          if (name === step) {
            isDead = true;
            throw new Error('killed');
          }
          return answer;
        };
      },
    });
  const registry = { ...world.registry, takeOutcome: guard(world.registry).takeOutcome };
  return { ...world, registry, tasks: guard(world.tasks), routes: guard(world.routes), points: guard(world.points) };
}
