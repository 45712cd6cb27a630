import { Client } from 'pg';
import type { Home } from './home.js';
import { product } from './product.js';

const launcher = 'adapters/postgres/launcher';

/** Address of a database on the server of a home, by its owner. */
export async function ownerAddress({ stateHome }: Pick<Home, 'stateHome'>, database: string): Promise<string> {
  const [{ storeFolders }, { readSecrets }, { ownerUrl }] = await Promise.all([
    product<typeof import('../../src/adapters/postgres/launcher/store-folders.js')>(`${launcher}/store-folders`),
    product<typeof import('../../src/adapters/postgres/launcher/secrets.js')>(`${launcher}/secrets`),
    product<typeof import('../../src/adapters/postgres/launcher/probe-server.js')>(`${launcher}/probe-server`),
  ]);
  const folders = storeFolders(stateHome);
  const secrets = await readSecrets(folders.secrets);
  if (secrets === null) throw new Error('the server of the bench has no secrets');
  return ownerUrl(folders, secrets, database);
}

/** A session of the owner's, to be ended by who opened it. */
export async function openSql(home: Pick<Home, 'stateHome'>, database: string): Promise<Client> {
  const client = new Client({ connectionString: await ownerAddress(home, database) });
  await client.connect();
  return client;
}
