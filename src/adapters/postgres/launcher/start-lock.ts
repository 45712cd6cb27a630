import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { codeOf, databaseFault } from './database-fault.js';
import { isAlive, markSelf, processMarkSchema } from './process-mark.js';

const ticketSchema = processMarkSchema.extend({ released: z.boolean() });
type Ticket = z.infer<typeof ticketSchema>;

/** Longer than anybody holds the lock: after that, a holder of whom nothing can be told counts as gone. */
const longestHoldMs = 120_000;
const pollMs = 15;
const ticketName = /^start\.(\d+)\.lock$/;

/**
 * Runs `work` while no other process does so with this folder. The lock is a row of numbered tickets: the highest is the
 * holder's, and the next number is made only when that holder has released it or is dead. A ticket is linked into place
 * whole and never moved, so that of two that wait one gets the number; a dead holder delays nobody.
 * @throws DATABASE_FAILED when a live process keeps it for longer than `patienceMs`
 */
export async function withStartLock<T>(
  folder: string,
  work: () => Promise<T>,
  options: { readonly signal?: AbortSignal; readonly patienceMs?: number } = {},
): Promise<T> {
  const ticket = await takeTicket(folder, options);
  try {
    return await work();
  } finally {
    await release(folder, ticket);
  }
}

async function takeTicket(
  folder: string,
  options: { readonly signal?: AbortSignal; readonly patienceMs?: number },
): Promise<number> {
  const until = Date.now() + (options.patienceMs ?? longestHoldMs);
  for (;;) {
    options.signal?.throwIfAborted();
    const numbers = await listTickets(folder);
    const highest = numbers.at(-1) ?? 0;
    const holder = highest === 0 ? null : await readTicket(folder, highest);
    if (highest === 0 || holder === 'free') {
      if (await linkTicket(folder, highest + 1)) {
        // INVARIANT: numbers only grow. One that slept over the listing above may have linked a number that was swept.
        if ((await listTickets(folder)).at(-1) === highest + 1) {
          await sweep(folder, numbers);
          return highest + 1;
        }
        await rm(pathOf(folder, highest + 1), { force: true });
      }
      continue;
    }
    if (Date.now() > until) throw heldFault(folder, holder);
    await sleep(pollMs);
  }
}

async function listTickets(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  const numbers = names.map((name) => Number(ticketName.exec(name)?.[1] ?? 0));
  return numbers.filter((number) => number > 0).sort((a, b) => a - b);
}

/** The holder, or 'free' when it has released the ticket, is dead, or is silent for too long. */
async function readTicket(folder: string, number: number): Promise<Ticket | 'free' | 'gone'> {
  const path = pathOf(folder, number);
  try {
    const ticket = ticketSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    if (ticket.released) return 'free';
    const alive = isAlive(ticket);
    if (alive !== null) return alive ? ticket : 'free';
    return Date.now() - (await stat(path)).mtimeMs > longestHoldMs ? 'free' : ticket;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    // Tickets are linked into place whole: one that cannot be read was torn by a crash of the machine.
    return 'free';
  }
}

async function linkTicket(folder: string, number: number): Promise<boolean> {
  const whole = await writeTicket(folder, false);
  try {
    await link(whole, pathOf(folder, number));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

async function release(folder: string, number: number): Promise<void> {
  await rename(await writeTicket(folder, true), pathOf(folder, number));
}

async function writeTicket(folder: string, released: boolean): Promise<string> {
  const path = join(folder, `start.${randomUUID()}.tmp`);
  await writeFile(path, JSON.stringify({ ...markSelf(), released } satisfies Ticket), { flag: 'wx', mode: 0o600 });
  return path;
}

/** Takes away tickets before the holder's, and what killed processes left unlinked. */
async function sweep(folder: string, older: readonly number[]): Promise<void> {
  for (const number of older) await rm(pathOf(folder, number), { force: true });
  for (const name of await readdir(folder)) {
    if (!/^start\..*\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      (facts) => Date.now() - facts.mtimeMs,
      () => 0,
    );
    if (age > longestHoldMs) await rm(path, { force: true });
  }
}

function pathOf(folder: string, number: number): string {
  return join(folder, `start.${number}.lock`);
}

function heldFault(folder: string, holder: Ticket | 'gone' | null): Error {
  const who = holder === null || holder === 'gone' ? 'another process' : `process ${holder.pid}`;
  return databaseFault(
    'DATABASE_FAILED',
    `${who} has been starting or stopping the database in ${folder} for too long`,
    'see whether that process hangs, end it, and try again',
  );
}
