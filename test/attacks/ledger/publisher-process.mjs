// Plain JavaScript: there are no types to be safe by.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return */
// Records a verdict and publishes it as the built program does, and kills itself (SIGKILL) when it has reached a step.
// Of the built files, as thirty of these are started: what compiles as it loads would take minutes.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { publish } from '../../../dist/app/adjudicate/publish/publish.js';
import { recordBundle } from '../../../dist/app/verdict/record-bundle.js';
import { recordVerdict } from '../../../dist/app/verdict/record-verdict.js';
import { verdictSchema } from '../../../dist/core/caws/verdict/verdict.js';
import { createPorts } from '../../../dist/wiring.js';

const [repository, folder, mode, step] = process.argv.slice(2);
const ports = createPorts(process.env, '0.0.0-test');
const { signal } = new AbortController();

async function reach(reached) {
  if (reached !== step) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing may be done in it.
  await new Promise(() => setInterval(() => undefined, 1000));
}

/** Kills git's own process in the middle of its transaction: it holds its locks, and has set nothing. */
function killGit() {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const children = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((found) => found !== null);
  const git = children.filter(([, , parent, args]) => Number(parent) === process.pid && args.includes('update-ref'));
  if (git.length !== 1) throw new Error(`${git.length} processes of git update-ref`);
  process.kill(Number(git[0][1]), 'SIGKILL');
}

const watchSigner = (signer, made) => ({
  ...signer,
  async sign(namespace, bytes) {
    const signature = await signer.sign(namespace, bytes);
    await reach(made(namespace, bytes));
    return signature;
  },
});

const files = {
  ...ports.files,
  async replaceFile(path, bytes) {
    await ports.files.replaceFile(path, bytes);
    await reach(`${path.replace(/.*\//, '')} written`);
  },
};

const watchLedger = (ledger) => ({
  ...ledger,
  async append(appends) {
    await reach(`${appends[0].draft.kind} not yet entered`);
    const placed = await ledger.append(appends);
    await reach(`${appends[0].draft.kind} entered`);
    return placed;
  },
});

const git = {
  async open(...asked) {
    const session = await ports.git.open(...asked);
    const onStep = async (reached) => {
      if (reached === 'refs-prepared' && step.startsWith('git killed')) killGit();
      if (reached === 'refs-prepared' && step === 'git killed with its publisher') await reach(step);
      await reach(reached);
    };
    return { ...session, landCommit: (landing) => session.landCommit({ ...landing, onStep }) };
  },
};

const runtime = {
  ...ports.runtime,
  async open(...asked) {
    const opened = await ports.runtime.open(...asked);
    return { ...opened, ledger: watchLedger(opened.ledger) };
  },
};

const keyring = {
  ...ports.keyring,
  async loadSigner(...asked) {
    const loaded = await ports.keyring.loadSigner(...asked);
    const isCommit = (bytes) => Buffer.from(bytes).subarray(0, 5).toString() === 'tree ';
    return { ...loaded, signer: watchSigner(loaded.signer, (_, bytes) => (isCommit(bytes) ? 'commit signed' : '')) };
  },
};

const keyOf = async (role) =>
  (await ports.keyring.loadSigner(`${ports.places.configHome}/keys/${role}`, repository)).signer;
const signer = watchSigner(await keyOf('verdict'), () => 'verdict signed');
const verdict = verdictSchema.parse(ports.documents.read(readFileSync(`${folder}/verdict.yaml`), 'verdict.yaml').value);
await recordVerdict({ verdict, signer, outDir: folder }, files);
const opened = await runtime.open(signal);
const record = { verdict, signer, logSigner: await keyOf('log'), outDir: folder };
await recordBundle(record, { files, ledger: opened.ledger });
await opened.close();
const context = { progress: { stage: () => undefined, note: () => undefined }, signal };
const input = publish.input.parse({ repository, target: folder, mode });
await publish.run({ ...ports, files, git, keyring, runtime }, input, context);
await reach('all done, and nobody told');
