import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../machine.js';
import { type Canary, type Rates, peekFixedTest, simulateCanary } from './canaries.js';
import { simulateDrift } from './drifts.js';

// npm run bench:rollout [-- --runs N] [--write]: simulates rollouts and drift alarms; --write puts them into docs.
const runsAt = process.argv.indexOf('--runs');
const runs = runsAt < 0 ? 1000 : Number(process.argv[runsAt + 1]);
if (!Number.isInteger(runs) || runs < 10) throw new Error('--runs takes a whole number from 10 on');

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const median = (values: readonly number[]): string =>
  values.length === 0 ? '–' : String(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]);

const settings: readonly (Rates & { readonly what: string })[] = [
  ...[0.3, 0.5, 0.7, 0.9].map((rate) => ({ what: 'equal', incumbent: rate, candidate: rate })),
  { what: 'better by 10 points', incumbent: 0.6, candidate: 0.7 },
  { what: 'worse by 5 points', incumbent: 0.7, candidate: 0.65 },
  { what: 'worse by 10 points', incumbent: 0.5, candidate: 0.4 },
  { what: 'worse by 10 points', incumbent: 0.7, candidate: 0.6 },
  { what: 'worse by 10 points', incumbent: 0.9, candidate: 0.8 },
  { what: 'worse by 20 points', incumbent: 0.7, candidate: 0.5 },
];
const canaryRows = settings.map((rates, setting) => {
  const canaries = Array.from({ length: runs }, (_, run) => simulateCanary(run * 101 + setting * 1_000_003, rates));
  const ended = (end: Canary['end']): readonly Canary[] => canaries.filter((one) => one.end === end);
  const shares = (['rolled-back', 'full', 'undecided'] as const).map((end) => percent(ended(end).length / runs));
  const back = ended('rolled-back').map(({ candidate }) => candidate);
  const top = ended('full').map(({ tasks }) => tasks);
  return `| ${rates.what} | ${rates.incumbent} → ${rates.candidate} | ${shares.join(' | ')} | ${median(back)} | ${median(top)} |`;
});
const fixedRows = [0.3, 0.5, 0.7, 0.9].map((rate) => {
  const wrong = Array.from({ length: runs }, (_, run) => peekFixedTest(run * 13 + rate * 1000, rate, 500));
  return `${percent(wrong.filter(Boolean).length / runs)} at ${rate}`;
});
const years = Math.max(5, Math.round(runs / 20));
const driftRows = [2000, 10_000, 36_500].flatMap((perYear) =>
  [0.3, 0.5, 0.7, 0.9].map((rate) => {
    const { known, learned, delay, ruleDays } = simulateDrift(perYear + rate * 100, rate, perYear, years);
    const [ofKnown, ofLearned] = [known, learned].map((alarms) => alarms.toFixed(2));
    return `| ${perYear} | ${rate} | ${ofKnown} | ${ofLearned} | ${delay.toFixed(0)} | ${ruleDays.toFixed(0)} |`;
  }),
);

const page = `# Rollouts and drift alarms, simulated

Written by \`npm run bench:rollout -- --write\`; seeds are fixed, so that it repeats to the digit. How they work is in
[rollout.md](rollout.md).

## Rollouts

${runs} rollouts a row with the default options, from 10 % of tasks on, pass/fail outcomes, looked at after every outcome until
the candidate is rolled back, gets every task, or is past its patience (1000 outcomes in a stage).

| the candidate is | pass rates | rolled back | reaches the top | undecided | its outcomes until rolled back (median) | tasks until the top (median) |
|---|---|---|---|---|---|---|
${canaryRows.join('\n')}

The risk of rolling an equal candidate back, and of giving one that is worse by 10 points every task, is meant to be at most
5 %. A one-sided test at 5 % that is looked at after every pair calls an equal candidate worse within 500 pairs in
${fixedRows.join(', ')}.

## Drift alarms

An alarm tuned to one false alarm a year for a fall of ten points, ${years} years a row. “Learned”: the usual level is learned
from the first 200 outcomes, and taken a standard error lower. The rule beside it: the day's mean is more than 5 % below the
median of 90 days.

| outcomes a year | pass rate | false alarms a year, level known | learned | outcomes until a fall of 10 points is seen (mean) | days a year on which the rule fires |
|---|---|---|---|---|---|
${driftRows.join('\n')}
`;
console.log(page);
if (process.argv.includes('--write')) writeFileSync(join(root, 'docs', 'bench-rollout.md'), page);
