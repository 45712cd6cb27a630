import { spawn } from 'node:child_process';
import { chown, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseFault, messageOf } from './database-fault.js';
import { cleanEnvironment, type RunAs } from './run-as.js';
import type { Secrets } from './secrets.js';
import { makePrivate, type StoreFolders } from './store-folders.js';

/**
 * Makes the data folder: in a folder beside it first, which is renamed once it is whole, so that a process killed in
 * the middle leaves nothing that looks like a database.
 * @throws DATABASE_FAILED with what initdb said
 */
export async function initCluster(
  folders: StoreFolders,
  tree: string,
  runAs: RunAs,
  options: { readonly secrets: Secrets; readonly durable: boolean },
): Promise<void> {
  for (const name of await readdir(folders.store)) {
    if (name.startsWith('init-')) await rm(join(folders.store, name), { recursive: true, force: true });
  }
  const making = join(folders.store, `init-${process.pid}`);
  await makePrivate(making, { owner: runAs.owner, inStore: true });
  try {
    const passwords = join(making, 'password');
    await writeFile(passwords, `${options.secrets.owner}\n`, { mode: 0o600 });
    if (runAs.owner !== null) await chown(passwords, runAs.owner.uid, runAs.owner.gid);
    const data = join(making, 'data');
    const argv = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwords}`];
    const how = ['--encoding=UTF8', '--locale=C', '--no-instructions', ...(options.durable ? [] : ['--no-sync'])];
    await runInitdb(runAs, [join(tree, 'bin', 'initdb'), ...argv, ...how], folders.store);
    await rename(data, folders.data);
    await syncFolder(folders.store);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

function runInitdb(runAs: RunAs, argv: readonly string[], cwd: string): Promise<void> {
  const [program = '', ...rest] = runAs.wrap(argv);
  return new Promise((resolve, reject) => {
    const stdio: ['ignore', 'ignore', 'pipe'] = ['ignore', 'ignore', 'pipe'];
    const child = spawn(program, rest, { ...runAs.owner, cwd, env: cleanEnvironment(), stdio, timeout: 120_000 });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-4000);
    });
    child.once('error', (error) => reject(refuse(messageOf(error), error)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(refuse(said.trim().split('\n').slice(-4).join(' | ') || `ended by ${signal ?? code ?? 'nobody'}`));
    });
  });
}

function refuse(said: string, cause?: unknown): Error {
  const mend = /no space left/i.test(said)
    ? 'make room on the disk and try again'
    : 'see what it says; set DATABASE_URL to use a PostgreSQL of your own';
  return databaseFault('DATABASE_FAILED', `the database could not be made: ${said}`, mend, cause);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
