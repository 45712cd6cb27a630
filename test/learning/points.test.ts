import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataPoint, type DataPointOf, dataPointSchema } from '../../src/core/learning/data-point.js';
import { type Outcome, outcomeKey } from '../../src/core/learning/outcome.js';
import { makeUlid } from '../../src/core/ids.js';
import type { OpenDatabase } from '../../src/adapters/postgres/open-database.js';
import { type TestCluster, type TestDatabase, startTestCluster } from '../store/cluster.js';
import { aTask, openTestStores, submitted } from '../store/stores.js';

const november = Date.UTC(2025, 10, 20);
let counted = 0;

function anOutcome(more: Partial<Outcome> = {}): Outcome {
  counted += 1;
  return {
    decision_id: null,
    task_id: makeUlid(november, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, counted >> 8, counted & 255])),
    attempt: 1,
    candidate: 0,
    arm: { agent: 'pi', version: '1', model: 'm' },
    surface: 'code-editing',
    complexity: 'standard',
    verdict: 'FAIL',
    reward: 0,
    cost_micro_usd: 100,
    latency_ms: 1000,
    first_token_ms: null,
    input_tokens: 10,
    output_tokens: 5,
    turns: 2,
    tool_calls: null,
    tool_turns: null,
    unsupported_claims: 0,
    context_retained: null,
    verifier: '0.2.0',
    seed: 7,
    prompt: 'work@1',
    at_ms: november,
    revision: 0,
    ...more,
  };
}

function pointOf(outcome: Outcome, more: Partial<DataPointOf<'outcome'>> = {}): DataPointOf<'outcome'> {
  return {
    version: 1,
    task_id: outcome.task_id,
    step: 9 + outcome.revision,
    at_ms: outcome.at_ms,
    skew_ms: 0,
    attempt: outcome.attempt,
    candidate: outcome.candidate,
    agent: outcome.arm.agent,
    decision_id: outcome.decision_id,
    surface: outcome.surface,
    complexity: outcome.complexity,
    removed: {},
    missing: ['first_token_ms'],
    kind: 'outcome',
    outcome,
    ...more,
  };
}

describe('data points in the store', () => {
  let cluster: TestCluster;
  let urls: TestDatabase;
  let one: OpenDatabase;
  let other: OpenDatabase;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.stop());
  beforeAll(async () => {
    urls = await cluster.createDatabase();
    [one, other] = [await openTestStores(urls), await openTestStores(urls)];
  });
  afterAll(async () => {
    await one.close();
    await other.close();
  });

  const all = async (database: OpenDatabase): Promise<DataPoint[]> => {
    const found: DataPoint[] = [];
    for await (const page of database.points.read({})) found.push(...page);
    return found;
  };
  const outcomes = async (): Promise<Map<string, Outcome>> => {
    const found = new Map<string, Outcome>();
    for await (const page of one.points.readOutcomes({})) for (const each of page) found.set(outcomeKey(each), each);
    return found;
  };

  it('are stored once, by however many processes, and read back whole in the order of time', async () => {
    const points = Array.from({ length: 4100 }, (_, index) => pointOf(anOutcome({ at_ms: november + 4100 - index })));
    const told = points.map(({ task_id: taskId }) => ({ taskId, step: 9 }));
    const written = await Promise.all([one, other, one].map(({ points: store }) => store.write(points, told)));
    expect(written.reduce((sum, n) => sum + n, 0)).toBe(4100);
    const found = await all(other);
    expect(found).toHaveLength(4100);
    expect(found[0]).toEqual(dataPointSchema.parse(points.at(-1)));
    expect(found.every((point, index) => index === 0 || point.at_ms >= (found[index - 1]?.at_ms ?? 0))).toBe(true);
    expect((await one.points.told([points[0]?.task_id ?? '', 'nobody'])).size).toBe(1);
    const state = await one.points.state();
    expect(state.missing).toEqual({ first_token_ms: 4100 });
    expect(state.months).toEqual([{ month: '2025-11', points: 4100, folded: false }]);
  });

  it('from a clock beyond all reason are refused by name', async () => {
    const mad = pointOf(anOutcome({ at_ms: Date.UTC(2150, 0) }));
    await expect(one.points.write([mad], [])).rejects.toMatchObject({ code: 'POINT_INSTANT_INVALID' });
  });

  it('leave no task behind: one whose story goes further is found', async () => {
    const task = aTask();
    await one.tasks.create(task, submitted, { maxOpen: 10 });
    const later = Date.now() + 60_000;
    expect(await one.points.behind(0, later, 10)).toEqual([task.id]);
    expect(await one.points.behind(120_000, later, 10)).toEqual([]);
    await one.points.write([], [{ taskId: task.id, step: 1 }]);
    expect(await one.points.behind(0, later, 10)).toEqual([]);
    // What was told is not taken back by a slower process.
    await other.points.write([], [{ taskId: task.id, step: 0 }]);
    expect(await one.points.behind(0, later, 10)).toEqual([]);
  });

  it('take outcomes that come late: revised once, known twice, unknown refused, whoever is first', async () => {
    const first = anOutcome();
    await one.points.write([pointOf(first)], [{ taskId: first.task_id, step: 9 }]);
    const better = { ...first, verdict: 'PASS' as const, reward: 1, revision: 1, at_ms: november + 1000 };
    const nowMs = november + 90_000;
    const both = await Promise.all([one, other].map(({ points }) => points.takeLate([better], nowMs)));
    expect(
      both
        .flat()
        .map(({ admission }) => admission)
        .toSorted(),
    ).toEqual(['duplicate', 'revised']);
    const [again] = await other.points.takeLate([anOutcome({ revision: 1 })], nowMs);
    expect(again?.admission).toBe('unknown-decision');
    const [stale] = await other.points.takeLate([first], nowMs);
    expect(stale?.admission).toBe('stale');
    expect((await outcomes()).get(outcomeKey(first))).toEqual(better);
    expect((await one.points.state()).lateOutcomes).toBe(1);
  });

  it('take the first word on work that came to no outcome by itself', async () => {
    const late = anOutcome({ verdict: 'PASS', reward: 1 });
    const { outcome: _, ...head } = pointOf(late);
    const begun: DataPoint = {
      ...head,
      missing: [],
      kind: 'execution',
      result: 'infeasible',
      spend: { micro_usd: 1, input_tokens: 1, output_tokens: 1, turns: 1, wall_ms: 1 },
      version_of_agent: '1',
      model: 'm',
      prompt: null,
      capture: null,
      code: null,
      reason: '',
    };
    await one.points.write([begun], [{ taskId: late.task_id, step: 9 }]);
    const [answer] = await one.points.takeLate([late], november + 1000);
    expect(answer?.admission).toBe('first');
    expect((await outcomes()).get(outcomeKey(late))?.verdict).toBe('PASS');
  });

  it('of a month that is over are folded into sums by the newest word, and not revised any more', async () => {
    const before = await outcomes();
    await expect(one.points.fold('2999-01', Date.now())).rejects.toMatchObject({ code: 'MONTH_OPEN' });
    const [folded, again] = [
      await one.points.fold('2025-11', Date.now()),
      await other.points.fold('2025-11', Date.now()),
    ];
    expect(folded.points).toBeGreaterThan(4100);
    expect(again).toEqual({ points: 0, rows: 0 });
    const sums = await one.points.folded();
    const passes = [...before.values()].filter(({ verdict }) => verdict === 'FAIL' || verdict === 'PASS');
    // The execution whose only word came late from outside is in no month.
    expect(sums.reduce((sum, { outcomes: n }) => sum + n, 0)).toBe(passes.length - 1);
    expect(sums.find(({ verdict }) => verdict === 'PASS')).toMatchObject({ month: '2025-11', outcomes: 1, reward: 1 });
    expect(await all(one)).toEqual([]);
    // A process that did not hear of it neither fails nor brings the month back.
    const revived = pointOf(anOutcome());
    expect(await other.points.write([revived], [{ taskId: revived.task_id, step: 9 }])).toBe(0);
    const [known] = [...before.values()];
    if (known === undefined) throw new Error('there was no outcome');
    const [refused] = await one.points.takeLate([{ ...known, revision: 5, verdict: 'FAIL' }], Date.now());
    expect(refused?.admission).toBe('finished-decision');
  });

  it('can be made and folded by the role that Arbiter works as, and not otherwise touched', async () => {
    const client = new Client({ connectionString: urls.appUrl });
    await client.connect();
    try {
      for (const statement of [
        'delete from arbiter.data_points',
        'update arbiter.data_points set step = 0',
        'drop table arbiter.data_points',
        'delete from arbiter.late_outcomes',
        `insert into arbiter.point_sums (month) values ('2025-11')`,
        `select arbiter.fold_points('2025-11; drop', 1)`,
        `select arbiter.ensure_points_month('1999-01')`,
      ]) {
        const refusal: unknown = await client.query(statement).then(
          () => 'allowed',
          (error: unknown) => String(error),
        );
        expect({ statement, refusal }).toEqual({
          statement,
          refusal: expect.stringMatching(/permission denied|must be owner|never changed|is not over|is no month/),
        });
      }
    } finally {
      await client.end();
    }
  });
});
