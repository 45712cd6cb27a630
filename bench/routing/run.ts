import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { verifierSchema } from '../../src/core/routing/cascade/verifier.js';
import { root } from '../machine.js';
import { reportCascades } from './cascade-report.js';
import { drawCascades, drawPlayed } from './drawings.js';
import { type Matrix, readMatrix } from './matrix.js';
import { type SetReport, describeSet, describeTargets, preamble } from './page.js';
import { playAll } from './play.js';
import { cascadeTargets, policyTargets } from './targets.js';
import { tryAll } from './tried.js';

// usage: npm run bench:routing -- [--data FILE --arms FILE] [--without ARM …] [--seeds N] [--false-accept F]
//   [--false-reject M] [--json] [--write]
// Without --data it replays the sets of bench/routing/data. --json prints figures alone; --write puts page and charts of
// those sets into docs. A missed target is printed as missed and changes no exit code: a benchmark is no test. Input that
// is not in the format exits 3, and says which line.

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    arms: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '20' },
    'false-accept': { type: 'string', default: '0.1' },
    'false-reject': { type: 'string', default: '0.05' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const outlier = 'openhands::claude-fable-5';
const own = ['openhands_index', 'swebench_verified', 'paretobandit_k4'];
const tell = (line: string): void => console.error(line);

function matrices(): readonly Matrix[] {
  if (values.data === undefined && values.arms === undefined) {
    const folder = `${root}bench/routing/data/`;
    return own.map((name) => readMatrix(name, `${folder}${name}.jsonl.gz`, `${folder}${name}.arms.json`));
  }
  if (values.data === undefined || values.arms === undefined) throw new Error('--data and --arms go together');
  if (values.write) throw new Error('--write is for the sets of bench/routing/data alone');
  return [readMatrix(basename(values.data).replace(/\.jsonl(\.gz)?$/, ''), values.data, values.arms)];
}

function report(matrix: Matrix, seeds: readonly number[]): SetReport {
  const verifier = verifierSchema.parse({
    false_accept: Number(values['false-accept']),
    false_reject: Number(values['false-reject']),
  });
  const stranger = values.without.find((arm) => !matrix.arms.includes(arm));
  if (stranger !== undefined) throw new Error(`--without ${stranger}: no arm of ${matrix.name} has that name`);
  const asked = values.without.length > 0 ? [values.without] : [];
  const exclusions = [[], ...(matrix.arms.includes(outlier) && asked.length === 0 ? [[outlier]] : asked)];
  const cascades = exclusions.flatMap((without) => {
    tell(`${matrix.name}, plans${without.length > 0 ? ` without ${without.join(', ')}` : ''}`);
    const made = reportCascades(matrix, without, verifier, seeds);
    if (made === null) tell(`${matrix.name}, plans: left out, fewer than two arms have a price on half of the tasks`);
    return made === null ? [] : [made];
  });
  const played = playAll(matrix, seeds, tell);
  const promised = matrix.arms.includes(outlier) ? cascades.flatMap(cascadeTargets) : [];
  tell(`${matrix.name}, tried against a delay`);
  const targets = [...promised, ...policyTargets(matrix.name, played)];
  return { matrix, played, cascades, targets, tried: tryAll(matrix, seeds) };
}

function run(): void {
  const count = Number(values.seeds);
  if (!Number.isInteger(count) || count < 2 || count > 1000) throw new Error('--seeds is a number from 2 to 1000');
  // Odd seeds: the default policy was tuned on even ones.
  const seeds = Array.from({ length: count }, (_, at) => 2 * at + 1);
  const reports = matrices().map((matrix) => report(matrix, seeds));
  const page = [
    preamble(count),
    `## Targets\n\n${describeTargets(reports.flatMap((each) => each.targets))}`,
    ...reports.map(describeSet),
  ].join('\n\n');
  const figures = reports.map(({ matrix, ...rest }) => ({
    set: matrix.name,
    arms: matrix.arms.length,
    tasks: matrix.tasks.length,
    ...rest,
  }));
  console.log(values.json ? JSON.stringify({ seeds: count, sets: figures }, null, 1) : page);
  if (!values.write) return;
  writeFileSync(`${root}docs/bench-routing.md`, `${page}\n`);
  mkdirSync(`${root}docs/bench-routing`, { recursive: true });
  const drawings = reports.flatMap((each) => [
    ...each.played.map((played) => drawPlayed(each.matrix.name, played)),
    ...each.cascades.map(drawCascades),
  ]);
  for (const { name, svg } of drawings) writeFileSync(`${root}docs/bench-routing/${name}`, svg);
}

try {
  run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 3;
}
