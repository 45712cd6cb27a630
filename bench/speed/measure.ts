import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGit } from '../../src/adapters/git/create-git.js';
import { quantile, rowOf, type Row } from './row.js';
import { runNode } from './run-cli.js';

const rounds = 200;
const warmups = 20;
const createGitPath = fileURLToPath(new URL('../../dist/adapters/git/create-git.js', import.meta.url));

interface Shape {
  readonly files: number;
  readonly linesAFile: number;
  /** Lines replaced in the middle of each file: as many go as come. */
  readonly linesReplaced: number;
}

/** Measuring committed ranges and sealing a work tree by git, opening and closing included. */
export async function benchMeasure(): Promise<Row[]> {
  const rows = [
    ...(await withRepository({ files: 25, linesAFile: 200, linesReplaced: 20 }, benchSmall)),
    ...(await withRepository({ files: 10_000, linesAFile: 20, linesReplaced: 1 }, benchWorkTree)),
  ];
  for (const files of [10_000, 100_000]) {
    rows.push(...(await withRepository({ files, linesAFile: 20, linesReplaced: 1 }, (root) => benchWalk(root, files))));
  }
  return rows;
}

/** A fresh adapter each round, as a command line has it: git's version is asked each time. */
async function benchSmall(root: string): Promise<Row[]> {
  const samples: number[] = [];
  let loc = 0;
  for (let round = 0; round < warmups + rounds; round += 1) {
    const startedMs = performance.now();
    const session = await createGit().open(root);
    const [base, head] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
    ({ loc } = (await session.measure(base, head.tree, head.id)).totals);
    await session.close();
    if (round >= warmups) samples.push(performance.now() - startedMs);
  }
  const name = `measuring 25 files, ${loc} lines by git, open to close`;
  return [
    rowOf(`${name}, p95 of ${rounds}`, 60, quantile(samples, 0.95), 'ms'),
    rowOf(`${name}, median`, null, quantile(samples, 0.5), 'ms'),
  ];
}

async function benchWorkTree(root: string): Promise<Row[]> {
  execFileSync('git', ['reset', '-q', '--hard'], { cwd: root });
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedMs = performance.now();
    const session = await createGit().open(root);
    await session.sealWorkTree();
    await session.close();
    samples.push((performance.now() - startedMs) / 1000);
  }
  return [rowOf('sealing a clean work tree of 10,000 files, median of 5', null, quantile(samples, 0.5), 's')];
}

/** Measures and then reads every changed file with its lines, in a process of its own; prints seconds and files. */
const walk = `
const { createGit } = await import(process.argv[1]);
const session = await createGit().open(process.cwd());
const [base, head] = [await session.resolveCommit('HEAD~1'), await session.resolveCommit('HEAD')];
const startedMs = performance.now();
const change = await session.measure(base, head.tree, head.id);
const measuredMs = performance.now();
let files = 0;
for await (const content of session.readContents(change, { maxBytes: 1 << 20 })) files += content.addedLines.length;
console.log(JSON.stringify({ measureMs: measuredMs - startedMs, readMs: performance.now() - measuredMs, files }));
await session.close();
`;

async function benchWalk(root: string, fileCount: number): Promise<Row[]> {
  const args = ['--input-type=module', '--eval', walk, createGitPath];
  const run = await runNode(args, root, { watchMemory: true });
  if (run.exit !== 0) throw new Error(`the walk failed: ${run.stderr.slice(0, 500)}`);
  const { measureMs, readMs, files } = JSON.parse(run.stdout) as Record<'measureMs' | 'readMs' | 'files', number>;
  if (files !== fileCount) throw new Error(`the walk saw ${files} files`);
  const name = `${fileCount.toLocaleString('en')}-file change`;
  return [
    rowOf(`${name}: measure`, null, measureMs / 1000, 's'),
    rowOf(`${name}: read all contents and lines`, null, readMs / 1000, 's'),
    rowOf(`${name}: both, node and git, peak memory`, fileCount <= 10_000 ? 300 : null, run.peakMb, 'MB'),
  ];
}

async function withRepository(shape: Shape, bench: (root: string) => Promise<Row[]>): Promise<Row[]> {
  const root = await mkdtemp(join(tmpdir(), 'arbiter-bench-'));
  try {
    execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: root });
    const input = [commitText(shape, 1), commitText(shape, 2)].join('');
    execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input });
    return await bench(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** One commit in the form of git fast-import; of its files only the lines in the middle depend on the version. */
function commitText({ files, linesAFile, linesReplaced }: Shape, version: number): string {
  const blobs = Array.from({ length: files }, (_, index) => {
    const body = Array.from({ length: linesAFile }, (__, line) => {
      const isChanged = line >= linesAFile / 2 && line < linesAFile / 2 + linesReplaced;
      return `export const value${line} = ${index} * ${isChanged ? version : 1};\n`;
    }).join('');
    return `M 100644 inline src/part-${index % 100}/file-${index}.ts\ndata ${body.length}\n${body}\n`;
  });
  const head = `commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_700_000_000 + version} +0000\ndata 1\nc\n`;
  return `${head}${blobs.join('')}\n`;
}
