import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { benchExamine } from './examine.js';
import { benchHelp } from './help.js';
import { benchHuge } from './huge.js';
import { benchMeasure } from './measure.js';
import type { Row } from './row.js';
import { benchSpecCheck } from './spec-check.js';

// usage: npm run bench [-- --write]. Prints a table; --write also puts it into docs/bench.md. A missed target is
// printed as missed and changes no exit code: a benchmark is no test.

const root = fileURLToPath(new URL('../..', import.meta.url));
const benches = [benchExamine, benchMeasure, benchSpecCheck, benchHuge, benchHelp];

function machine(): string {
  const [first] = cpus();
  const gitVersion = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memoryGb} GB, ${type()} ${release()}, Node ${process.version}, ${gitVersion}`;
}

function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const isDirty = git('status', '--porcelain', '--', 'src') !== '';
  return `${git('rev-parse', '--short=12', 'HEAD')}${isDirty ? ' with uncommitted changes under src' : ''}`;
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function tableOf(rows: readonly Row[]): string {
  const line = ({ name, target, value, unit, met }: Row): string => {
    const verdict = met === null ? '' : met ? 'met' : '**missed**';
    return `| ${name} | ${number(value)} ${unit} | ${target === null ? '' : `< ${target} ${unit}`} | ${verdict} |`;
  };
  return ['| what | measured | target | |', '|---|---|---|---|', ...rows.map(line)].join('\n');
}

const loadBefore = (loadavg()[0] ?? 0).toFixed(1);
const rows: Row[] = [];
for (const bench of benches) rows.push(...(await bench()));
const report = `# Benchmarks

Made by \`npm run bench -- --write\`, from the compiled product. Times are wall-clock; "whole process" is from start to exit of
\`node dist/main.js\`; p95 is over all rounds after a warm-up; memory is sampled from /proc every 10 ms over the process
and all its children. Generated inputs, described in the files under \`bench/speed\`. Never timed tests.

- machine: ${machine()}
- commit: ${commit()}
- load of the machine when it started: ${loadBefore} over ${cpus().length} cores, so that above ${cpus().length} other work was in the way

${tableOf(rows)}
`;
console.log(report);
if (process.argv.includes('--write')) writeFileSync(`${root}/docs/bench.md`, report);
