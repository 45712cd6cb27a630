import { writeFileSync } from 'node:fs';
import { describeCommit, describeLoad, describeMachine, digits, root } from '../machine.js';
import { defaultPolicyOptions } from '../../src/core/routing/default-policy.js';
import { type PolicyName, type PolicyOptions, policyOptionsSchema } from '../../src/core/routing/policy-options.js';
import { type Measured, measureDecisions } from './decisions.js';
import { measureClassification } from './classification.js';

// usage: npm run bench:routing-speed [-- --write]. Prints tables; --write also puts them into docs/bench-routing-speed.md.
// A missed target is printed as missed and changes no exit code: a benchmark is no test.

const sizes = [10, 100, 1000, 10_000, 100_000];
const policies: readonly PolicyName[] = [
  'epsilon-greedy',
  'ucb1',
  'kl-ucb',
  'thompson',
  'lin-ucb',
  'lin-ts',
  'square-cb',
];
const targets = { p99Ms: 1, perSecond: 20_000 };

function lineOf(first: string, at: Measured): string {
  const { p50Ms, p99Ms, cpuP99Ms, perSecond, perCpuSecond, fieldMs, learnP95Ms, recordBytes } = at;
  const values = [p50Ms, p99Ms, cpuP99Ms, perSecond, perCpuSecond, fieldMs, learnP95Ms, recordBytes].map(digits);
  return `| ${[first, ...values].join(' | ')} |`;
}

const columns = [
  'median ms',
  'P99 ms',
  'P99 ms of processor',
  'a second',
  'a second of processor',
  'field ms',
  'outcome P95 ms',
  'record bytes',
];
const tableOf = (first: string, lines: readonly string[]): string =>
  [`| ${[first, ...columns].join(' | ')} |`, `|${'---|'.repeat(columns.length + 1)}`, ...lines].join('\n');
const verdict = (isMet: boolean): string => (isMet ? 'met' : '**missed**');

function optionsOf(name: PolicyName): PolicyOptions {
  const features = /lin|square/.test(name) ? { features: ['hardness', 'words', 'lines'] } : {};
  return policyOptionsSchema.parse({ name, ...features, trade: { cost_weight: 0.1 }, floor: 0.02, restart_above: 8 });
}

const load = describeLoad();
const byPolicy = policies.map((name) => ({ name, at: measureDecisions(1000, optionsOf(name)) }));
const bySize = sizes.map((size) => ({ size, at: measureDecisions(size, defaultPolicyOptions) }));
const own = bySize.find(({ size }) => size === 1000)?.at ?? measureDecisions(1000, defaultPolicyOptions);
const classification = measureClassification();
const slowest = Math.max(...byPolicy.map(({ at }) => at.p99Ms));
const fewest = Math.min(...byPolicy.map(({ at }) => at.perSecond));

const report = `# How fast the router decides

Made by \`npm run bench:routing-speed -- --write\`, from \`src/core/routing\` as compiled on the fly. One decision is all of it: masks of
the moment over the field, beliefs, propensities, the draw, the plan, the record, and the choice counted as pending. The
field (standing masks and estimates over all agents) is laid anew once a second; that time is part of "a second" (a field
that takes long, so seldom that it takes a tenth of the time). 64
decisions are under way at any time; each outcome is learned, outside the decision's own time and inside "a second". The
policy's memory is kept as the store keeps it, a row an arm. A third of the agents lack the language, a tenth are busy or
broken, two thirds have tasks waiting, half have a history. One thread. Never a timed test.

- machine: ${describeMachine()}
- commit: ${describeCommit()}
- load of the machine when it started: ${load}

| target | measured | |
|---|---|---|
| decision at 1,000 agents, default policy: P99 < ${targets.p99Ms} ms | ${digits(own.p99Ms)} ms; of the processor ${digits(own.cpuP99Ms)} | ${verdict(own.p99Ms < targets.p99Ms)} |
| decisions at 1,000 agents, default policy: ≥ ${targets.perSecond} a second | ${digits(own.perSecond)}; by a second of the processor ${digits(own.perCpuSecond)} | ${verdict(own.perSecond >= targets.perSecond)} |
| the same, every policy: P99 < ${targets.p99Ms} ms | ${digits(slowest)} ms, the slowest | ${verdict(slowest < targets.p99Ms)} |
| the same, every policy: ≥ ${targets.perSecond} a second | ${digits(fewest)}, the fewest | ${verdict(fewest >= targets.perSecond)} |
| classification of a task: < 50 ms | ${digits(classification.p99Ms)} ms P99, ${digits(classification.longestMs)} ms for 20,000 characters | ${verdict(classification.longestMs < 50)} |

## Policies, 1,000 agents

${tableOf(
  'policy',
  byPolicy.map(({ name, at }) => lineOf(name, at)),
)}

## Growth, default policy

${tableOf(
  'agents',
  bySize.map(({ size, at }) => lineOf(size.toLocaleString('en'), at)),
)}
`;
console.log(report);
if (process.argv.includes('--write')) writeFileSync(`${root}/docs/bench-routing-speed.md`, report);
