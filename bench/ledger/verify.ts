import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { cpus } from 'node:os';
import type { Home } from '../tasks/home.js';
import { readCpuTimes, residentMb, serverPids, usedBetween } from '../tasks/process-facts.js';
import { builtCli, product } from '../tasks/product.js';
import { type Row, rowOf } from '../tasks/row.js';

type Runtime = Awaited<ReturnType<Home['open']>>;

/** The whole check of the largest log as a person runs it, and beside it what node:crypto alone does with such entries. */
export async function benchVerify(home: Home, { ledger }: Runtime): Promise<Row[]> {
  const { size } = await ledger.head();
  const run = await verifyByCommand(home);
  if (run.size !== size) throw new Error(`the command checked ${run.size} of ${size} entries`);
  const remark = `${run.seconds.toFixed(1)} s with node's start; ${run.nodeUs.toFixed(1)} + ${run.serverUs.toFixed(1)} µs of processor an entry (node + server); others had ${(run.others * 100).toFixed(0)} % of the cores`;
  const { bytes } = await ledger.read(0);
  const hashed = rateOf(() => void createHash('sha256').update(bytes).digest());
  return [
    rowOf(
      `arbiter ledger verify of ${size.toLocaleString('en')} entries: hashes, order, every node`,
      size / run.seconds,
      'entries/s',
      { atLeast: 100_000 },
      remark,
    ),
    rowOf('its peak memory, node alone', run.peakMb, 'MB', { below: 300 }),
    rowOf('for comparison, SHA-256 of such an entry by node:crypto alone', hashed, '/s'),
    ...(await benchSignatures()),
  ];
}

interface VerifyRun {
  readonly size: number;
  readonly seconds: number;
  readonly peakMb: number;
  readonly nodeUs: number;
  readonly serverUs: number;
  readonly others: number;
}

async function verifyByCommand({ environment, folder, stateHome }: Home): Promise<VerifyRun> {
  const servers = serverPids(stateHome);
  const startedMs = performance.now();
  const child = spawn(process.execPath, [builtCli, 'ledger', 'verify', '--json'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = child.pid ?? 0;
  const before = readCpuTimes([...servers, pid]);
  let after = before;
  let peakMb = 0;
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb(pid));
    // The session that serves the check is a process of its own, born after the start.
    const now = readCpuTimes([...serverPids(stateHome), pid]);
    if ((now.usedMs.get(pid) ?? 0) > 0) after = now;
  }, 100);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exit = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(sampler);
  const seconds = (performance.now() - startedMs) / 1000;
  if (exit !== 0) throw new Error(`arbiter ledger verify ended with ${exit}`);
  const { size } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { size: number };
  const { oursMs, othersShare } = usedBetween(before, after, cpus().length);
  const nodeMs = (after.usedMs.get(pid) ?? 0) - (before.usedMs.get(pid) ?? 0);
  return {
    size,
    seconds,
    peakMb,
    nodeUs: (nodeMs / size) * 1000,
    serverUs: ((oursMs - nodeMs) / size) * 1000,
    others: othersShare,
  };
}

/** Signatures stand in bundles, not in the log: what checks one there, against the bare arithmetic. One core. */
async function benchSignatures(): Promise<Row[]> {
  const { checkRawEd25519 } =
    await product<typeof import('../../src/adapters/signing/public-key.js')>('adapters/signing/public-key');
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const message = Buffer.alloc(2000, 7);
  const signature = sign(null, message, privateKey);
  const ours = rateOf(() => {
    if (!checkRawEd25519(raw, message, signature)) throw new Error('a good signature was refused');
  });
  const bare = rateOf(() => void verify(null, message, publicKey, signature));
  return [
    rowOf('Ed25519 signatures of statements checked by one core', ours, '/s', { atLeast: 5000 }),
    rowOf('for comparison, by node:crypto alone with the key at hand', bare, '/s'),
  ];
}

/** Best of five rounds: others can only slow it down. */
function rateOf(work: () => void): number {
  let best = 0;
  for (let round = 0; round < 5; round += 1) {
    const startedMs = performance.now();
    for (let time = 0; time < 2000; time += 1) work();
    best = Math.max(best, 2000 / ((performance.now() - startedMs) / 1000));
  }
  return best;
}
