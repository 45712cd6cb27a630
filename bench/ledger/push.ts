import { execFileSync } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { cpus } from 'node:os';
import { createGround } from '../../test/attacks/publication-world.js';
import { runNode, runProgram } from '../speed/run-cli.js';
import { quantile } from '../speed/row.js';
import { readCpuTimes, usedBetween } from '../tasks/process-facts.js';
import { type Row, rowOf } from '../tasks/row.js';

const covered = 100;
const uncovered = 10_000;
const rounds = 5;

type Ground = Awaited<ReturnType<typeof createGround>>;

/** Pushes to a bare repository with the server's hook: a hundred commits with their verdicts, and ten thousand without. */
export async function benchPush(): Promise<Row[]> {
  const ground = await createGround();
  try {
    const head = await publishMany(ground);
    const hook = `${ground.server}/hooks/pre-receive`;
    const judged = await pushTimes(ground, head);
    await rename(hook, `${hook}.off`);
    const plain = await pushTimes(ground, head);
    await rename(`${hook}.off`, hook);
    const remark = `others and the push had the cores ${(judged.busy * 100).toFixed(0)} % busy`;
    return [
      rowOf(
        `git push of ${covered} commits and their record, judged by the hook, median of ${rounds}`,
        judged.seconds,
        's',
        { below: 2 },
        remark,
      ),
      rowOf('for comparison, the same push without the hook', plain.seconds, 's'),
      ...(await pushUncovered(ground)),
    ];
  } finally {
    await ground.close();
  }
}

async function publishMany(ground: Ground): Promise<string> {
  let base = ground.base;
  for (let number = 0; number < covered; number += 1) {
    const folder = await ground.judge({ 'src/postage.js': `export const postage = ${number + 2};\n` }, { base });
    base = (await ground.publish(folder)).commit ?? '';
    ground.ask('update-ref', 'refs/heads/main', base);
  }
  return base;
}

async function pushTimes(ground: Ground, head: string): Promise<{ seconds: number; busy: number }> {
  const samples: number[] = [];
  const before = readCpuTimes([]);
  for (let round = 0; round < rounds; round += 1) {
    ground.onServer('update-ref', 'refs/heads/main', ground.base);
    ground.onServer('update-ref', '-d', 'refs/caws/ledger');
    const startedMs = performance.now();
    const { code, err } = ground.git('push', 'origin', `${head}:refs/heads/main`, 'refs/caws/ledger:refs/caws/ledger');
    if (code !== 0) throw new Error(`the push was refused: ${err}`);
    samples.push((performance.now() - startedMs) / 1000);
  }
  const { othersShare } = usedBetween(before, readCpuTimes([]), cpus().length);
  return { seconds: quantile(samples, 0.5), busy: othersShare };
}

/** All are refused, each by name: what somebody makes the server do who has no verdict at all. */
async function pushUncovered(ground: Ground): Promise<Row[]> {
  const input = Array.from({ length: uncovered }, (_, number) => {
    const body = `export const postage = ${number};\n`;
    const from = number === 0 ? `from ${ground.base}\n` : '';
    return `commit refs/heads/flood\ncommitter Ada <ada@example.org> ${1_800_000_000 + number} +0000\ndata 1\nc\n${from}M 100644 inline src/postage.js\ndata ${body.length}\n${body}\n`;
  }).join('');
  execFileSync('git', ['fast-import', '--quiet'], { cwd: ground.clone, input });
  const head = ground.ask('rev-parse', 'refs/heads/flood').trim();
  const run = await runNode(
    [ground.ports.program.main, 'verify', `${ground.base}..${head}`, '-C', ground.clone, '--json'],
    ground.world.home,
    { watchMemory: true },
  );
  const { refusals } = JSON.parse(run.stdout) as { refusals: unknown[] };
  if (run.exit !== 1 || refusals.length !== uncovered) throw new Error(`${refusals.length} commits were refused`);
  ground.onServer('update-ref', 'refs/heads/main', ground.base);
  const push = ['git', 'push', 'origin', `${head}:refs/heads/main`];
  const pushed = await runProgram('env', [`HOME=${ground.world.home}`, ...push], ground.clone, { watchMemory: true });
  if (pushed.exit === 0 || !pushed.stderr.includes('… and')) throw new Error(`the push was taken: ${pushed.stderr}`);
  const flood = `git push of ${uncovered.toLocaleString('en')} commits without verdicts, refused by the hook`;
  const name = `${uncovered.toLocaleString('en')} commits without verdicts, refused each by name`;
  return [
    rowOf(`${name}: whole process`, run.elapsedMs / 1000, 's'),
    rowOf(`${name}: node and git, peak memory`, run.peakMb, 'MB'),
    rowOf(flood, pushed.elapsedMs / 1000, 's'),
    rowOf(`${flood}: all its processes, peak memory`, pushed.peakMb, 'MB'),
  ];
}
