import { writeFileSync } from 'node:fs';
import { describeCommit, describeLoad, describeMachine, digits, root } from '../machine.js';
import { quantile } from '../speed/row.js';
import { type MemoryFigures, measureMemory } from './memory.js';
import { measureStore } from './store.js';
import { type SumFigures, measureSums } from './sums.js';

// usage: npm run bench:registry [-- --write]. Prints the tables; --write also puts them into docs/bench-registry.md.

const load = describeLoad();
const sizes = [10, 100, 1000, 10_000, 100_000];
const figures = sizes.map(measureMemory);
const store = await measureStore();
const sums = await measureSums([1000, 10_000, 100_000]);
const thousand = figures.find(({ agents }) => agents === 1000);
if (thousand === undefined) throw new Error('no figures of 1,000 agents');

function targetLine(name: string, value: number, unit: string, target: number, isFloor = false): string {
  const met = isFloor ? value >= target : value < target;
  return `| ${name} | ${digits(value)} ${unit} | ${isFloor ? '≥' : '<'} ${target.toLocaleString('en')} ${unit} | ${met ? 'met' : '**missed**'} |`;
}

function growthLine(one: MemoryFigures): string {
  const parts = [one.found, one.queryP50, one.queryP99, one.queriesPerSecond, one.updateP50, one.updateP99];
  return `| ${one.agents.toLocaleString('en')} | ${parts.map(digits).join(' | ')} |`;
}

function sumLine({ outcomes, rows, kept, afresh }: SumFigures): string {
  const parts = [quantile(kept, 0.5), quantile(kept, 0.95), quantile(afresh, 0.5), quantile(afresh, 0.95)];
  return `| ${outcomes.toLocaleString('en')} | ${rows.toLocaleString('en')} | ${parts.map(digits).join(' | ')} |`;
}

const report = `# The registry’s speed

Made by \`npm run bench:registry -- --write\`. Each figure is a wall-clock time of one call, warm. A query asks for a task type
and one or two languages, every fourth also for a place, every fifth for a long context; 240 different ones, round and round.
A snapshot remembers its answers until something changes, so that the 99th percentile holds the first asking where the
questions come anew. Queries a second are the median of
21 windows. An update puts an agent’s changed entry into the snapshot. The store is an embedded PostgreSQL with
fsync on; an outcome is one transaction that takes it in once and stores the history that it changes.

- machine: ${describeMachine()}
- commit: ${describeCommit()}
- load of the machine when it started: ${load}

| what | measured | target | |
|---|---|---|---|
${targetLine('query, 1,000 agents, p99', thousand.queryP99 / 1000, 'ms', 0.1)}
${targetLine('queries, 1,000 agents', thousand.queriesPerSecond, '/s', 100_000, true)}
${targetLine('update visible in the process that made it, p99', quantile(store.visible, 0.99), 'ms', 1)}
${targetLine('registration, durable, p95', quantile(store.registration, 0.95), 'ms', 100)}
${targetLine('outcome into the figures, durable, p95', quantile(store.outcome, 0.95), 'ms', 30)}

## Growth

| agents | found by a query | query p50, µs | query p99, µs | queries/s | update p50, µs | update p99, µs |
|---|---|---|---|---|---|---|
${figures.map(growthLine).join('\n')}

## What a decision reads of outcomes

How 20 agents fared, by surface, complexity and 50 repositories: the sums that are kept with each outcome, and, as decisions
read before there were any, added up from all outcomes. Each from the call until the rows are here.

| outcomes | rows | kept, p50, ms | kept, p95, ms | added up, p50, ms | added up, p95, ms |
|---|---|---|---|---|---|
${sums.map(sumLine).join('\n')}
`;
console.log(report);
if (process.argv.includes('--write')) writeFileSync(`${root}/docs/bench-registry.md`, report);
