import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { ownerUrl } from '../../../src/adapters/postgres/launcher/probe-server.js';
import { storeFolders } from '../../../src/adapters/postgres/launcher/store-folders.js';
import { recordBundle } from '../../../src/app/verdict/record-bundle.js';
import { verdictSchema } from '../../../src/core/caws/verdict/verdict.js';
import type { Ports } from '../../../src/ports/ports.js';
import type { OpenRuntime } from '../../../src/ports/runtime.js';
import { runCommand } from '../../e2e/run-command.js';
import { createGround, type Ground, type JudgeOptions } from '../publication-world.js';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The ground of publication with a real store, whose log holds the verdicts that are made on it. */
export interface LedgerGround extends Ground {
  readonly runtime: OpenRuntime;
  /** The command line as a person in the clone uses it, without a process. */
  run(...argv: string[]): Promise<Said>;
  /** As `judge`, and the verdict is entered into the log, with its bundle beside it. */
  judgeLogged(files: Readonly<Record<string, string>>, options?: JudgeOptions): Promise<string>;
  /** Entries about nothing, so that the log has a middle. */
  note(...words: string[]): Promise<void>;
  /** What the owner of the database may do, triggers or not; undone when `use` is done. */
  tampered<Result>(change: (owner: Client) => Promise<unknown>, use: () => Promise<Result>): Promise<Result>;
}

/** One store and one ground for a test file. */
export async function createLedgerGround(): Promise<LedgerGround> {
  const ground = await createGround({ ARBITER_FSYNC: 'off' });
  const { ports, world, clone } = ground;
  const runtime = await ports.runtime.open(new AbortController().signal);
  const logSigner = (await ports.keyring.loadSigner(join(ports.places.configHome, 'keys/log'), clone)).signer;
  return {
    ...ground,
    runtime,
    run: (...argv) => runCommand(ports, clone, argv),
    async judgeLogged(files, options = {}) {
      const outDir = await ground.judge(files, options);
      const yaml = readFileSync(join(outDir, 'verdict.yaml'));
      const verdict = verdictSchema.parse(ports.documents.read(yaml, 'verdict.yaml').value);
      const signer = options.signer ?? ground.verdictKey;
      await recordBundle({ verdict, signer, logSigner, outDir }, { files: ports.files, ledger: runtime.ledger });
      return outDir;
    },
    async note(...words) {
      await runtime.ledger.append(
        words.map((word) => ({ key: `note/${word}`, draft: { apiVersion: '0.0.1', kind: 'note', spec: { word } } })),
      );
    },
    tampered: (change, use) => asOwner(ports, (owner) => tamper(owner, change, use)),
    async close() {
      await runtime.close();
      await ports.runtime.stopServer();
      await world.close();
    },
  };
}

/** A session of whoever owns the database of a home. */
export async function asOwner<Result>(ports: Ports, use: (owner: Client) => Promise<Result>): Promise<Result> {
  const folders = storeFolders(ports.places.stateHome);
  const secrets = JSON.parse(readFileSync(folders.secrets, 'utf8')) as { owner: string; app: string };
  const owner = new Client({ connectionString: ownerUrl(folders, secrets, 'arbiter') });
  await owner.connect();
  try {
    return await use(owner);
  } finally {
    await owner.end();
  }
}

const tables = ['ledger_entries', 'ledger_nodes'];

async function tamper<Result>(
  owner: Client,
  change: (owner: Client) => Promise<unknown>,
  use: () => Promise<Result>,
): Promise<Result> {
  for (const table of tables) await owner.query(`create temp table kept_${table} as table arbiter.${table}`);
  // The owner's word against his own triggers.
  await owner.query('set session_replication_role = replica');
  try {
    await change(owner);
    return await use();
  } finally {
    for (const table of tables) {
      await owner.query(`delete from arbiter.${table}`);
      await owner.query(`insert into arbiter.${table} select * from kept_${table}`);
    }
  }
}
