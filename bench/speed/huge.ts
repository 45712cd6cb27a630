import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Row, quantile, rowOf } from './row.js';
import { runCli } from './run-cli.js';

const fileCount = 10_000;
const rounds = 3;

/** `arbiter examine` of commits that add 10,000 source files, and that change one line in each: the median of three. */
export async function benchHuge(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'arbiter-bench-'));
  try {
    makeRepository(folder);
    return [
      ...(await benchExamine(folder, '10,000 new files', ['--base', 'HEAD~2', '--head', 'HEAD~1'])),
      ...(await benchExamine(folder, '10,000 changed files', ['--base', 'HEAD~1', '--head', 'HEAD'])),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchExamine(folder: string, what: string, range: readonly string[]): Promise<Row[]> {
  const elapsed: number[] = [];
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    const run = await runCli(['examine', ...range, '--json'], folder, { watchMemory: true });
    const { totals } = JSON.parse(run.stdout) as { totals: { files: number } };
    if (totals.files !== fileCount) throw new Error(`examine saw ${totals.files} files: ${run.stderr.slice(0, 500)}`);
    elapsed.push(run.elapsedMs);
    peakMb = Math.max(peakMb, run.peakMb);
  }
  const name = `examine of ${what}, whole process`;
  return [
    rowOf(`${name}, median of ${rounds}`, 2, quantile(elapsed, 0.5) / 1000, 's'),
    rowOf(`${name} and its children, peak memory`, 300, peakMb, 'MB'),
  ];
}

function makeRepository(folder: string): void {
  const git = (args: readonly string[], input = ''): void => {
    execFileSync('git', args, { cwd: folder, input, stdio: ['pipe', 'ignore', 'inherit'] });
  };
  git(['init', '-q', '-b', 'main']);
  const empty = 'commit refs/heads/main\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata 1\nc\n\n';
  git(['fast-import', '--quiet'], [empty, commitText(1), commitText(2)].join(''));
  git(['reset', '-q', '--hard', 'main']);
}

/** One commit in the form of git fast-import, all files inline. */
function commitText(version: number): string {
  const blobs = Array.from({ length: fileCount }, (_, index) => {
    const body = sourceText(index, version);
    return `M 100644 inline src/part-${index % 100}/file-${index}.ts\ndata ${body.length}\n${body}\n`;
  });
  const head = `commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_700_000_000 + version} +0000\ndata 1\nc\n`;
  return `${head}${blobs.join('')}\n`;
}

function sourceText(index: number, version: number): string {
  const lines = Array.from({ length: 20 }, (_, line) => `export const value${line} = ${index} + ${line};`);
  lines[10] = `export const changed = ${index} * ${version};`;
  return `${lines.join('\n')}\n`;
}
