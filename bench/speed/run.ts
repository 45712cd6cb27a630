import { writeFileSync } from 'node:fs';
import { describeCommit, describeLoad, describeMachine, digits, root } from '../machine.js';
import { benchExamine } from './examine.js';
import { benchHelp } from './help.js';
import { benchHuge } from './huge.js';
import { benchMeasure } from './measure.js';
import type { Row } from './row.js';
import { benchSpecCheck } from './spec-check.js';

// usage: npm run bench [-- --write]. Prints a table; --write also puts it into docs/bench.md. A missed target is
// printed as missed and changes no exit code: a benchmark is no test.

const benches = [benchExamine, benchMeasure, benchSpecCheck, benchHuge, benchHelp];

function tableOf(rows: readonly Row[]): string {
  const line = ({ name, target, value, unit, met }: Row): string => {
    const verdict = met === null ? '' : met ? 'met' : '**missed**';
    return `| ${name} | ${digits(value)} ${unit} | ${target === null ? '' : `< ${target} ${unit}`} | ${verdict} |`;
  };
  return ['| what | measured | target | |', '|---|---|---|---|', ...rows.map(line)].join('\n');
}

const load = describeLoad();
const rows: Row[] = [];
for (const bench of benches) rows.push(...(await bench()));
const report = `# Benchmarks

Made by \`npm run bench -- --write\`, from the compiled product. Times are wall-clock; "whole process" is from start to exit of
\`node bin/main.js\`; p95 is over all rounds after a warm-up; memory is sampled from /proc every 10 ms over the process
and all its children. Generated inputs, described in the files under \`bench/speed\`. Never timed tests.

- machine: ${describeMachine()}
- commit: ${describeCommit()}
- load of the machine when it started: ${load}

${tableOf(rows)}
`;
console.log(report);
if (process.argv.includes('--write')) writeFileSync(`${root}/docs/bench.md`, report);
