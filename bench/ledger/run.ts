import { writeFileSync } from 'node:fs';
import { describeCommit, describeLoad, describeMachine, digits, root } from '../machine.js';
import { type Home, inHome } from '../tasks/home.js';
import { type Row, isMet } from '../tasks/row.js';
import { benchAppends } from './appends.js';
import { benchGrowth } from './growth.js';
import { benchPush } from './push.js';
import { benchRecord } from './record.js';

// usage: npm run bench:ledger [-- PART … --write]. Prints a table; --write also puts it into docs/bench-ledger.md, which
// takes all parts. A missed target is printed as missed and changes no exit code: a benchmark is no test.

type Runtime = Awaited<ReturnType<Home['open']>>;

const withStore = (bench: (home: Home, runtime: Runtime) => Promise<Row[]>) => (): Promise<Row[]> =>
  inHome(true, async (home) => {
    const runtime = await home.open();
    try {
      return await bench(home, runtime);
    } finally {
      await runtime.close();
    }
  });

const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  appends: withStore(benchAppends),
  record: withStore(benchRecord),
  growth: withStore(benchGrowth),
  push: benchPush,
};

function lineOf(row: Row): string {
  const { what, value, unit, target, remark } = row;
  const promised =
    target === null
      ? ''
      : 'below' in target
        ? `< ${target.below} ${unit}`
        : `≥ ${target.atLeast.toLocaleString('en')} ${unit}`;
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
  console.error(`${name}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s:\n${made.join('\n')}`);
}
const report = `# Benchmarks of the ledger

Made by \`npm run bench:ledger -- --write\`, from the compiled product on embedded PostgreSQL 18.4 with fsync on. Entries are
as long as a verdict's, about 630 bytes. Logs of a size are made by core's own sequencer and copied in by the owner of the
database; what is timed as an append is one. Beside a rate stands what other work took of the cores: while that was above
15 % appends were measured again, up to three times, and the quietest attempt is shown. How each figure is made stands in
the files under \`bench/ledger\`. Never timed tests.

- machine: ${describeMachine()}
- commit: ${describeCommit()}
- load of the machine when it started: ${load}

| what | measured | target | | beside it |
|---|---|---|---|---|
${lines.join('\n')}
`;
console.log(report);
if (writes) writeFileSync(`${root}/docs/bench-ledger.md`, report);
