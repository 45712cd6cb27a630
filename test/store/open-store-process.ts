// Opens the store of a home in a process of its own, says so, and closes it when its input ends.
import { readPostmaster } from '../../src/adapters/postgres/launcher/postmaster.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import { openDatabase } from '../../src/adapters/postgres/index.js';

/** The one line that it prints: what it opened, or why it could not. */
export interface Answer {
  readonly postmaster: number;
  readonly address: string;
  readonly code?: string;
  readonly message?: string;
}

const [stateHome = '', tree] = process.argv.slice(2);
try {
  const database = await openDatabase({
    stateHome,
    databaseUrl: null,
    durable: false,
    ...(tree === undefined ? {} : { tree }),
  });
  const postmaster = await readPostmaster(storeFolders(stateHome).data);
  process.stdout.write(`${JSON.stringify({ postmaster, address: database.address })}\n`);
  process.stdin.resume();
  process.stdin.once('end', () => void database.close());
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  process.stdout.write(`${JSON.stringify({ code, message })}\n`);
}
