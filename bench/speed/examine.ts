import { Bench } from 'tinybench';
import { createSyntax } from '../../src/adapters/syntax/create-syntax.js';
import { arbiterConfigSchema } from '../../src/core/caws/arbiter-config.js';
import { type Change, type ChangedFile, type LineFact, totalChange } from '../../src/core/caws/change.js';
import { examineFile } from '../../src/core/caws/examine/examine-file.js';
import { examinePlea, scopeOf } from '../../src/core/caws/examine/examine-plea.js';
import type { FileFacts } from '../../src/core/caws/file-facts.js';
import { defaultPolicy } from '../../src/core/caws/policy.js';
import { type WorkingSpec, workingSpecSchema } from '../../src/core/caws/working-spec.js';
import { type Row, quantile, rowOf } from './row.js';

const fileCount = 25;
const linesRemoved = 16;
const linesAdded = 24;
const replacedFrom = 96;

/** The pure examination of a change of 25 files and 1,000 lines, from facts to findings: p95. */
export async function benchExamine(): Promise<Row[]> {
  const files = Array.from({ length: fileCount }, (_, index) => factsOf(index));
  const change = changeOf(files.map(({ file }) => file));
  const spec = specOf();
  const config = arbiterConfigSchema.parse({ version: 1 });
  const standingOf = scopeOf(spec, defaultPolicy, config);
  // What is kept per fact would make every round but the first one cheap: each round gets facts of its own.
  let fresh = files;
  const renew = (): void => {
    fresh = files.map(renewed);
  };
  const examine = (): number => {
    const examined = fresh.map((facts) => examineFile(facts, { change, spec, admission: null, standingOf }));
    const plea = { spec, policy: defaultPolicy, config, plan: null, change, files: examined };
    return examinePlea({ ...plea, existingOriginals: new Set(), waivers: [] }).findings.length;
  };
  const bench = new Bench({ time: 5_000, warmupTime: 2_000, retainSamples: true });
  bench.add('examine', examine, { beforeEach: renew });
  await bench.run();
  const samples = bench.tasks[0]?.result;
  if (samples === undefined || !('latency' in samples)) throw new Error('the examination did not run');
  const latencies = samples.latency.samples ?? [];
  const name = `examination (pure) of ${change.totals.files} files, ${change.totals.loc} lines`;
  return [
    rowOf(`${name}, p95 of ${latencies.length}`, 5, quantile(latencies, 0.95), 'ms'),
    rowOf(`${name}, median`, null, quantile(latencies, 0.5), 'ms'),
  ];
}

/** The same facts as new lists and objects, so that nothing that was kept for them is found. */
function renewed(facts: FileFacts): FileFacts {
  const renew = (syntax: FileFacts['newSyntax']): FileFacts['newSyntax'] =>
    syntax && {
      ...syntax,
      tests: [...syntax.tests],
      assertions: [...syntax.assertions],
      calls: [...syntax.calls],
      assignments: [...syntax.assignments],
      conditions: [...syntax.conditions],
      functions: [...syntax.functions],
      catches: [...syntax.catches],
    };
  return { ...facts, oldSyntax: renew(facts.oldSyntax), newSyntax: renew(facts.newSyntax) };
}

/**
 * Four product files to one test file, 25 blocks of 8 lines each: functions with a branch and a loop, tests with two
 * assertions. Blocks in the middle are replaced.
 */
function factsOf(index: number): FileFacts {
  const isTest = index % 5 === 0;
  const path = isTest ? `src/part-${index}/part.test.ts` : `src/part-${index}/part.ts`;
  const blockOf = isTest ? testBlock : productBlock;
  const before = Array.from({ length: 25 }, (_, block) => blockOf(index, block)).flat();
  const inserted = Array.from({ length: 3 }, (_, block) => blockOf(index, 100 + block))
    .flat()
    .slice(0, linesAdded);
  const after = [...before.slice(0, replacedFrom), ...inserted, ...before.slice(replacedFrom + linesRemoved)];
  const oldText = `${before.join('\n')}\n`;
  const newText = `${after.join('\n')}\n`;
  const syntax = createSyntax();
  return {
    file: changedFile(path, index),
    oldText,
    newText,
    addedLines: lineFacts(inserted, replacedFrom + 1),
    removedLines: lineFacts(before.slice(replacedFrom, replacedFrom + linesRemoved), replacedFrom + 1),
    oldSyntax: syntax.extract(path, oldText),
    newSyntax: syntax.extract(path, newText),
  };
}

function productBlock(index: number, block: number): readonly string[] {
  return [
    `export function sumOf${block}(values: readonly number[], limit: number): number {`,
    `  let total = ${index};`,
    '  for (const value of values) {',
    `    if (value > limit) total += limit * ${block};`,
    '    else total += Math.max(value, 0);',
    '  }',
    '  return total;',
    '}',
  ];
}

function testBlock(index: number, block: number): readonly string[] {
  return [
    `describe('sum ${block} of part ${index}', () => {`,
    `  it('adds what is below the limit, case ${block}', () => {`,
    `    const values = [${block}, ${index}, 3];`,
    `    expect(sumOf${block}(values, 10)).toBe(${block * 7 + index});`,
    `    expect(sumOf${block}([], ${block})).toBe(${index});`,
    '  });',
    '});',
    '',
  ];
}

function lineFacts(lines: readonly string[], from: number): readonly LineFact[] {
  return lines.map((text, at) => ({ line: from + at, text }));
}

function changedFile(path: string, index: number): ChangedFile {
  const blob = (side: number): string => String(index * 2 + side).padStart(40, '0');
  return {
    status: 'M',
    oldPath: path,
    newPath: path,
    added: linesAdded,
    removed: linesRemoved,
    binary: false,
    oldMode: '100644',
    newMode: '100644',
    oldBlob: blob(0),
    newBlob: blob(1),
    longLineSurplus: 0,
  };
}

function changeOf(files: ChangedFile[]): Change {
  const id = '0'.repeat(40);
  return {
    base: id,
    baseTree: id,
    head: null,
    tree: id,
    contentSha256: '0'.repeat(64),
    files,
    totals: totalChange(files),
  };
}

function specOf(): WorkingSpec {
  return workingSpecSchema.parse({
    dialect: 'C',
    id: 'BENCH-1',
    title: 'Examination at speed',
    riskTier: 2,
    mode: 'feature',
    lifecycle: 'active',
    changeBudget: null,
    blastRadius: { modules: ['src'], dataMigration: false },
    scope: { in: ['src/**/*.ts', 'lib'], out: ['src/closed'], support: ['docs'] },
    invariants: [],
    acceptance: [],
    security: [],
    contracts: [],
    rollbackSlo: null,
  });
}
