import { writeFileSync } from 'node:fs';
import { describeCommit, describeLoad, describeMachine, digits, root } from '../machine.js';
import { benchDemo } from './demo.js';
import { benchDrain } from './drain.js';
import { benchLatency, benchTakeover } from './moments.js';
import { benchIdle, benchQueued } from './resting.js';
import { type Row, isMet } from './row.js';
import { benchStore } from './store.js';
import { benchTrack } from './track.js';
import { benchWholeLoop } from './whole-loop.js';

// usage: npm run bench:tasks [-- PART … --write]. Prints a table; --write also puts it into docs/bench-tasks.md, which
// takes all parts. A missed target is printed as missed and changes no exit code: a benchmark is no test.

const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  demo: benchDemo,
  drain: benchDrain,
  loop: benchWholeLoop,
  latency: benchLatency,
  takeover: benchTakeover,
  idle: benchIdle,
  queued: benchQueued,
  store: benchStore,
  track: benchTrack,
};

function lineOf(row: Row): string {
  const { what, value, unit, target, remark } = row;
  const promised =
    target === null ? '' : 'below' in target ? `< ${target.below} ${unit}` : `≥ ${target.atLeast} ${unit}`;
  const met = isMet(row);
  return `| ${what} | ${digits(value)} ${unit} | ${promised} | ${met === null ? '' : met ? 'met' : '**missed**'} | ${remark} |`;
}

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = named.filter((name) => !(name in parts));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
const writes = process.argv.includes('--write');
if (writes && named.length > 0) throw new Error('--write takes all parts');

const load = describeLoad();
const lines: string[] = [];
for (const [name, bench] of Object.entries(parts)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const startedMs = performance.now();
  const made = (await bench()).map(lineOf);
  lines.push(...made);
  // Told as it is made: whoever stops the bench keeps what there is.
  console.error(`${name}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s:\n${made.join('\n')}`);
}
const report = `# Benchmarks of tasks

Made by \`npm run bench:tasks -- --write\`, from the compiled product: real worker processes on embedded PostgreSQL 18.4,
with fsync on where nothing else is said. A rate counts from the word to begin to the end of the last task, by the events'
own times; of the whole loop and of git alone it is that of the last four fifths. Processor time is read from /proc, and
beside it what other work took of the cores meanwhile: while that was above 15 % a rate was measured again, up to three
times, and the quietest attempt is shown. DBOS alone is the SDK on the same server, by its own manual. How each figure is
made stands in the files under \`bench/tasks\`. Never timed tests.

- machine: ${describeMachine()}
- commit: ${describeCommit()}
- load of the machine when it started: ${load}

| what | measured | target | | beside it |
|---|---|---|---|---|
${lines.join('\n')}
`;
console.log(report);
if (writes) writeFileSync(`${root}/docs/bench-tasks.md`, report);
