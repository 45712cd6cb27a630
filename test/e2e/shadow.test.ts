import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ShadowReport } from '../../src/app/rollout/ingest-shadow.js';
import { runCommand } from './run-command.js';
import { createWorld } from './world.js';

// Through the door that a user uses: a foreign orchestrator's log, read beside a policy.
const world = createWorld();
const cli = (...argv: string[]) => runCommand(world.ports, world.home, ['shadow', 'ingest', ...argv]);
afterAll(() => world.close());

let files = 0;
function write(lines: readonly (object | string)[]): string {
  files += 1;
  const file = join(world.home, `log-${files}.jsonl`);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const rates = { good: 0.8, poor: 0.3 } as const;
type Agent = keyof typeof rates;

/** A log of a chooser that throws a coin between a good and a poor agent, the same coin each time. */
function coinLog(decisions: number, more: { propensities: boolean }): object[] {
  let state = 12_345;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  return Array.from({ length: decisions }, (_, index) => {
    const chosen: Agent = next() < 0.5 ? 'good' : 'poor';
    const propensity = more.propensities ? { propensity: 0.5 } : {};
    return [
      {
        type: 'decision',
        id: `d${index}`,
        candidates: ['good', 'poor'].map((agent) => ({ agent, ...propensity })),
        chosen,
      },
      { type: 'outcome', decision: `d${index}`, reward: next() < rates[chosen] ? 1 : 0 },
    ];
  }).flat();
}

describe('arbiter shadow ingest', () => {
  it('tells how often a policy agrees, where it differs, and what it would have earned', async () => {
    const { out, code } = await cli(write(coinLog(1000, { propensities: true })), '--policy', 'thompson', '--json');
    const report = JSON.parse(out) as ShadowReport;
    expect(code).toBe(0);
    expect(report).toMatchObject({ policy: 'thompson', decisions: 1000, outcomes: 1000, quarantined: [] });
    expect(report.mean_reward).toBeGreaterThan(0.5);
    expect(report.mean_reward).toBeLessThan(0.6);
    expect(report.agreement?.rate).toBeGreaterThan(0.4);
    expect(report.agreement?.rate).toBeLessThan(0.6);
    expect(report.differences[0]).toMatchObject({ chosen: 'poor', favoured: 'good' });
    expect(report.differences[0]?.mean_reward).toBeLessThan(0.4);
    if (report.value.kind !== 'estimated') throw new Error(report.value.why);
    for (const name of ['ips', 'snips', 'dr'] as const) {
      const { value, low, high } = report.value[name];
      // What it earns once it has learned; the first outcomes cost it a little.
      expect(value).toBeGreaterThan(0.7);
      expect(low).toBeLessThan(0.8);
      expect(high).toBeGreaterThan(0.76);
    }
    const shown = (await cli(write(coinLog(1000, { propensities: true })))).out;
    expect(shown).toMatch(/1000 decisions, 1000 outcomes, read beside [a-z0-9-]+\n {2}agreement: \d+ \(/);
    expect(shown).toMatch(/the policy, doubly robust +0\.[78]\d+ +\(95 %/);
  });

  it('gives the same report for the same log', async () => {
    const file = write(coinLog(200, { propensities: true }));
    for (const policy of ['thompson', 'lin-ts', 'epsilon-greedy']) {
      expect((await cli(file, '--policy', policy, '--json')).out).toBe(
        (await cli(file, '--policy', policy, '--json')).out,
      );
    }
  });

  it('refuses a value where the log says too little, and still tells the agreement', async () => {
    const told = async (lines: readonly object[], ...flags: string[]): Promise<ShadowReport> =>
      JSON.parse((await cli(write(lines), ...flags, '--json')).out) as ShadowReport;
    const blind = await told(coinLog(300, { propensities: false }));
    expect(blind.agreement?.rate).toBeGreaterThan(0.3);
    expect(blind.value).toMatchObject({ kind: 'refused', why: expect.stringMatching(/says with which probability/) });
    const few = await told(coinLog(20, { propensities: true }));
    expect(few.value).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/worth .* decisions of that policy, and 30/),
    });
    expect((await told(coinLog(200, { propensities: true }), '--floor', '10000')).value.kind).toBe('refused');
    const silent = await told(coinLog(50, { propensities: true }).filter((_, index) => index % 2 === 0));
    expect(silent).toMatchObject({ outcomes: 0, mean_reward: null, value: { why: 'no decision has an outcome' } });
    expect(await told([])).toMatchObject({ decisions: 0, agreement: null, value: { kind: 'refused' } });
  });

  it('sets bad lines aside by number, each with what is wrong, and writes them to a file', async () => {
    const candidates = [
      { agent: 'a', propensity: 0.5 },
      { agent: 'b', propensity: 0.5 },
    ];
    const decision = { type: 'decision', id: 'd', candidates, chosen: 'a' };
    const outcome = { type: 'outcome', decision: 'd', reward: 1 };
    const bad: readonly [object | string, RegExp][] = [
      ['{"type":', /is no JSON/],
      [{ type: 'other' }, /type/],
      [{ ...decision, chosen: 'c' }, /chosen: "c" is none of the candidates/],
      [{ ...decision, candidates: [...candidates, { agent: 'a', propensity: 0 }] }, /stands twice/],
      [
        { ...decision, candidates: [{ agent: 'a', propensity: 0.5 }, { agent: 'b' }] },
        /some have a propensity and some/,
      ],
      [{ ...decision, candidates: candidates.map((one) => ({ ...one, propensity: 0.9 })) }, /sum to 1\.800/],
      [
        {
          ...decision,
          candidates: [
            { agent: 'a', propensity: 0 },
            { agent: 'b', propensity: 1 },
          ],
        },
        /its propensity is 0/,
      ],
      [{ ...decision, candidates: [{ agent: 'a', cost_micro_usd: -1 }] }, /candidates\.0\.cost_micro_usd/],
      [outcome, /no line above tells of "d"/],
      [decision, /^good$/],
      [decision, /a line above is decision "d" already/],
      [{ ...outcome, reward: 1.5 }, /reward/],
      [outcome, /^good$/],
      [{ ...outcome, reward: 0 }, /a line above tells what "d" came to/],
    ];
    const quarantine = join(world.home, 'aside.jsonl');
    const { code, out } = await cli(write(bad.map(([line]) => line)), '--quarantine', quarantine, '--json');
    expect(code).toBe(1);
    const report = JSON.parse(out) as ShadowReport;
    expect(report).toMatchObject({ decisions: 1, outcomes: 1, mean_reward: 1, quarantine_file: quarantine });
    const wanted = bad.flatMap(([, reason], index) =>
      reason.source === '^good$' ? [] : [{ line: index + 1, reason }],
    );
    expect(report.quarantined.map(({ line }) => line)).toEqual(wanted.map(({ line }) => line));
    for (const [index, { reason }] of wanted.entries()) expect(report.quarantined[index]?.reason).toMatch(reason);
    expect(readFileSync(quarantine, 'utf8').trimEnd().split('\n')).toHaveLength(wanted.length);
  });

  it('refuses a policy that there is not, and a file that there is not', async () => {
    expect(await cli(write([]), '--policy', 'magic')).toMatchObject({ code: 3, err: expect.stringMatching(/name/) });
    expect(await cli('nothing.jsonl')).toMatchObject({ code: 3, err: expect.stringMatching(/nothing\.jsonl/) });
  });
});
