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
const linesRemoved = 20;
const linesAdded = 20;

/** The pure examination of a change of 25 files and 1,000 lines, from facts to findings: p95. */
export async function benchExamine(): Promise<Row[]> {
  const files = Array.from({ length: fileCount }, (_, index) => factsOf(index));
  const change = changeOf(files.map(({ file }) => file));
  const spec = specOf();
  const config = arbiterConfigSchema.parse({ version: 1 });
  const standingOf = scopeOf(spec, defaultPolicy, config);
  const examine = (): number => {
    const examined = files.map((facts) => examineFile(facts, { change, spec, admission: null, standingOf }));
    const plea = { spec, policy: defaultPolicy, config, plan: null, change, files: examined };
    return examinePlea({ ...plea, existingOriginals: new Set(), waivers: [] }).findings.length;
  };
  const bench = new Bench({ time: 2_000, warmupTime: 500, retainSamples: true });
  bench.add('examine', examine);
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

/** Four product files to one test file, 200 lines each; a block of 20 lines is replaced in the middle. */
function factsOf(index: number): FileFacts {
  const isTest = index % 5 === 0;
  const path = isTest ? `src/part-${index}/part.test.ts` : `src/part-${index}/part.ts`;
  const lineOf = isTest ? testLine : productLine;
  const before = Array.from({ length: 200 }, (_, line) => lineOf(index, line));
  const inserted = Array.from({ length: linesAdded }, (_, line) => lineOf(index, 1_000 + line));
  const after = [...before.slice(0, 100), ...inserted, ...before.slice(100 + linesRemoved)];
  const oldText = `${before.join('\n')}\n`;
  const newText = `${after.join('\n')}\n`;
  const syntax = createSyntax();
  return {
    file: changedFile(path, index),
    oldText,
    newText,
    addedLines: lineFacts(inserted, 101),
    removedLines: lineFacts(before.slice(100, 100 + linesRemoved), 101),
    oldSyntax: syntax.extract(path, oldText),
    newSyntax: syntax.extract(path, newText),
  };
}

function productLine(index: number, line: number): string {
  return `export const value${line} = (count: number): number => count * ${index} + Math.max(${line}, count);`;
}

function testLine(index: number, line: number): string {
  return `it('case ${line} of ${index}', () => expect(value(${line})).toBe(${line * index}));`;
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
