import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrackOutcomes } from '../../src/app/learning/track-outcomes.js';
import type { TrackStatus } from '../../src/app/learning/track-status.js';
import type { TrackTidy } from '../../src/app/learning/track-tidy.js';
import type { DataCard } from '../../src/core/learning/data-card.js';
import { type DataPoint, dataPointSchema } from '../../src/core/learning/data-point.js';
import type { TrackReport } from '../../src/core/learning/report.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { arbiter, speakFrom } from './cli.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld, governed } from './world.js';

// Through the door that a user uses: the built command line, real tasks, a store of its own.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const out = mkdtempSync(join(tmpdir(), 'arbiter-track-'));
let repository: ScratchRepository & { readonly base: string };
/** Keeps the server up, so that commands attach to it. */
let held: OpenRuntime;
const { cli, json } = speakFrom(() => ({ home: world.home, cwd: repository.directory }));
const pointsIn = (file: string): DataPoint[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => dataPointSchema.parse(JSON.parse(line)));

const awsKey = `${'AKIA'}IOSFODNN7EXAMPLQ`;

beforeAll(async () => {
  held = await world.ports.runtime.open(new AbortController().signal);
  repository = await governed(world);
  for (const [name, work] of [
    ['honest', honestFix],
    ['idle', ['true']],
  ] as const) {
    expect(cli('agents', 'add', name, '--command', writeToyAgent(world.home, name, work), '{prompt}').code).toBe(0);
  }
});
afterAll(async () => {
  await held.close();
  cli('down');
  await world.close();
});

describe('arbiter track', () => {
  it('tells of an empty store that nothing is there', () => {
    expect(json<TrackStatus>('track', 'status').tasks).toEqual({ seen: 0, told: 0, behind: 0, ended: 0, complete: 0 });
    expect(cli('track', 'report').out).toContain('plan success –');
  });

  it('tells of tasks what was decided, done, judged and spent, and what nobody could tell', () => {
    const words = `Write to jane.doe@acme-corp.org that 500 g is a letter; the key is ${awsKey}`;
    expect(cli('run', words, '--agent', 'honest').code).toBe(0);
    expect(cli('run', 'x', '--agent', 'idle', 'honest', '--refinements', '0').code).toBe(0);
    const status = json<TrackStatus>('track', 'status');
    expect(status.tasks).toMatchObject({ seen: 2, told: 2, behind: 0, ended: 2, complete: 0 });
    expect(status.outcomes).toEqual({ total: 3, complete: 0, late: 0 });
    expect(status.missing).toMatchObject({ turns: 0, latency_ms: 0, verifier: 1, seed: 3, first_token_ms: 3 });
    expect(status.removed).toMatchObject({ 'aws-key-id': 1, email: 1 });
    const text = cli('track', 'status').out;
    expect(text).toContain('2 tasks seen, all told');
  });

  it('reports plan success, first-step success and unplanned fallback apart', () => {
    const report = json<TrackReport>('track', 'report');
    expect(report.whole).toEqual({
      ended: 2,
      plan_success: 1,
      first_step_success: 0.5,
      unplanned_fallback: 0.5,
      planned_escalation: 0,
    });
    expect(
      report.by_arm.map(({ agent, executions, verdicts }) => [agent, executions, verdicts.PASS, verdicts.FAULT]),
    ).toEqual([
      ['honest', 2, 2, 0],
      ['idle', 1, 0, 1],
    ]);
    expect(json<TrackReport>('track', 'report', '--until', '2020-01-01').whole.ended).toBe(0);
    const refused = cli('track', 'report', '--since', 'yesterday');
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('is no day such as')]);
  });

  it('exports the same points as JSON lines and as Parquet, with a data card, and never over a file', async () => {
    const lines = join(out, 'points.jsonl');
    const card = json<DataCard>('track', 'export', lines);
    const points = pointsIn(lines);
    expect(card).toMatchObject({ points: points.length, tasks: 2, verdicts: { PASS: 2, FAULT: 1 } });
    expect(readFileSync(`${lines}.card.md`, 'utf8')).toContain(card.sha256);
    const table = join(out, 'points.parquet');
    expect(cli('track', 'export', table, '--format', 'parquet').code).toBe(0);
    const bytes = readFileSync(table);
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(rows.map((row) => row['point'])).toEqual(points);
    const rewards = points.map((point) => (point.kind === 'outcome' ? point.outcome.reward : null));
    expect(rows.map((row) => row['reward'] ?? null)).toEqual(rewards);
    const again = cli('track', 'export', lines);
    expect([again.code, again.err]).toEqual([3, expect.stringContaining('exists already, and is left as it is')]);
    for (const file of [readFileSync(lines, 'utf8'), bytes.toString('latin1')]) {
      expect(file).not.toContain(awsKey);
      expect(file).not.toContain('jane.doe');
      expect(file).not.toContain(repository.directory);
    }
  });

  it('takes outcomes that come later: each line judged, named and counted', () => {
    const outcome = pointsIn(join(out, 'points.jsonl')).flatMap((point) =>
      point.kind === 'outcome' ? [point.outcome] : [],
    )[0];
    if (outcome === undefined) throw new Error('there was no outcome');
    const reverted = { ...outcome, verdict: 'FAIL', reward: 0, revision: 1, at_ms: Date.now() };
    const file = join(out, 'late.jsonl');
    const lines = [
      reverted,
      reverted,
      { ...reverted, reward: 0.5 },
      { ...reverted, task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT' },
      { ...reverted, revision: 2, at_ms: Date.now() + 86_400_000 },
      { ...reverted, cost_micro_usd: -1 },
    ];
    writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`);
    const told = json<TrackOutcomes>('track', 'outcomes', file);
    expect(told).toMatchObject({ lines: 7, taken: 1, known: 1, refused: 5 });
    expect(told.told.map(({ line, admission }) => [line, admission])).toEqual([
      [1, 'revised'],
      [2, 'duplicate'],
      [3, 'conflicting'],
      [4, 'unknown-decision'],
      [5, 'clock-skew'],
      [6, 'unreadable'],
      [7, 'unreadable'],
    ]);
    expect(cli('track', 'outcomes', file).code).toBe(1);
    const report = json<TrackReport>('track', 'report');
    expect(report.by_arm.reduce((sum, { verdicts }) => sum + verdicts.FAIL, 0)).toBe(1);
    expect(cli('track', 'outcomes', join(out, 'none.jsonl')).err).toContain('there is no file');
  });

  it('derives the same points again, to the byte, from the stories of a backup', () => {
    const live = join(out, 'live.jsonl');
    expect(cli('track', 'export', live).code).toBe(0);
    const backup = join(out, 'store.backup');
    expect(cli('db', 'backup', backup).code).toBe(0);
    const home = mkdtempSync(join(tmpdir(), 'arbiter-track-home-'));
    const there = (...argv: string[]) => arbiter(argv, { home, cwd: home, env: { ARBITER_FSYNC: 'off', CI: 'true' } });
    expect(there('db', 'restore', backup).code).toBe(0);
    const empty = JSON.parse(there('track', 'status', '--json').out) as TrackStatus;
    expect(empty).toMatchObject({ tasks: { seen: 2, told: 0, behind: 2 }, outcomes: { total: 0, late: 1 } });
    expect(there('track', 'tidy').out).toContain('2 tasks told that had been behind');
    const again = join(out, 'again.jsonl');
    expect(there('track', 'export', again).code).toBe(0);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(live, 'utf8'));
    there('down');
    rmSync(home, { recursive: true, force: true });
  });

  it('tidies: nothing of the last months goes, and without --yes nothing at all', () => {
    expect(json<TrackTidy>('track', 'tidy', '--keep-months', '1')).toMatchObject({ told: 0, folded: [], done: false });
    expect(cli('track', 'tidy', '--keep-months', '0').code).toBe(3);
  });
});
