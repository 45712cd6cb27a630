import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Row, quantile, rowOf } from './row.js';
import { runCli } from './run-cli.js';

const fileCount = 500;
const rounds = 5;

/** `arbiter spec check` of 500 valid spec files in one process, start to exit, five times: the median. */
export async function benchSpecCheck(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'arbiter-bench-'));
  try {
    const names = Array.from({ length: fileCount }, (_, index) => `SPEC-${index + 1}.yaml`);
    await Promise.all(names.map((name, index) => writeFile(join(folder, name), specText(index + 1))));
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) samples.push(await checkOnce(folder, names));
    return [
      rowOf(`spec check of ${fileCount} files, median of ${rounds} processes`, 1.5, quantile(samples, 0.5) / 1000, 's'),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkOnce(folder: string, names: readonly string[]): Promise<number> {
  const { elapsedMs, exit, stdout, stderr } = await runCli(['spec', 'check', '--json', ...names], folder);
  if (exit !== 0) throw new Error(`spec check ended with ${exit}: ${stderr.slice(0, 500)}${stdout.slice(0, 500)}`);
  const answers = JSON.parse(stdout) as readonly { valid: boolean }[];
  if (answers.length !== fileCount || !answers.every(({ valid }) => valid)) throw new Error('not all were found valid');
  return elapsedMs;
}

/** About the size of a real spec: 60 lines, valid in dialects B and C. */
function specText(number: number): string {
  const list = (indent: string, count: number, item: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => `${indent}- ${item(index + 1)}`).join('\n');
  return `id: BENCH-${number}
title: "Bounded change number ${number} of the benchmark"
risk_tier: 3
mode: feature
lifecycle_state: active
operational_rollback_slo: 30m
blast_radius:
  modules:
${list('    ', 4, (index) => `src/module-${number}-${index}`)}
  data_migration: false
scope:
  in:
${list('    ', 8, (index) => `src/module-${number}-${index}/`)}
  out:
${list('    ', 4, (index) => `src/closed-${number}-${index}/`)}
invariants:
${list('  ', 6, (index) => `"Invariant ${index} holds before and after change ${number}"`)}
acceptance:
${list('  ', 6, (index) => `id: A${index}\n    given: "a repository at base ${index}"\n    when: "the change is applied"\n    then: "outcome ${index} is seen"`)}
non_functional:
  performance: []
  security: []
  accessibility: []
  reliability: []
contracts: []
`;
}
