import { Client } from 'pg';
import { toStoreFault } from '../store-fault.js';

/** Every value as the text that the server prints: what is read so can be written back without loss. */
const asText = { getTypeParser: () => String };

/** Runs `work` on a session of its own, whose values come as text. Errors of the database become faults of the store. */
export async function withSession<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'arbiter-care', types: asText });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toStoreFault(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs `work` in one transaction, and takes everything back when it throws. */
export async function inTransaction<T>(client: Client, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
