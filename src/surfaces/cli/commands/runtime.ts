import { resolve } from 'node:path';
import type { ShownStore } from '../../../app/store/operations.js';
import type { RuntimeStatus } from '../../../app/workers/operations.js';
import { exitCodes } from '../exit-codes.js';
import { paint } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, numberOf, textOf } from './command-surface.js';

function showStatus({ workers, tasks, queues }: RuntimeStatus, terminal: Terminal): string {
  const states = Object.entries(tasks.by_state).map(([state, count]) => `${count} ${state}`);
  const waits = Object.entries(queues).map(([queue, count]) => `${count} in ${queue}`);
  return `${[
    workers.length === 0
      ? paint(terminal, 'yellow', 'no worker is up: arbiter up starts one')
      : `${paint(terminal, 'green', `${workers.length} up`)}: ${workers.map(({ id, pid }) => `${id} (process ${pid})`).join(', ')}`,
    `${tasks.open} open tasks${states.length === 0 ? '' : `: ${states.join(', ')}`}`,
    `queued: ${waits.join(', ')}`,
  ].join('\n')}\n`;
}

export const statusSurface: CommandSurface<Record<string, never>, RuntimeStatus> = {
  shape: () => ({}),
  show: showStatus,
  exitCode: () => exitCodes.pass,
};

export const upSurface: CommandSurface<{ foreground: boolean; workers: number }, RuntimeStatus> = {
  shape: (flags) => ({ foreground: flags['foreground'] === true, workers: numberOf(flags, 'workers') ?? 1 }),
  show: showStatus,
  exitCode: ({ workers }) => (workers.length > 0 ? exitCodes.pass : exitCodes.fault),
};

type Executors = RuntimeStatus['workers'];

export const downSurface: CommandSurface<
  Record<string, never>,
  { stopped: Executors; left: Executors; server: boolean }
> = {
  shape: () => ({}),
  show({ stopped, left }) {
    const names = (executors: Executors): string => executors.map(({ id, pid }) => `${id} (process ${pid})`).join(', ');
    return `${[
      stopped.length === 0 ? 'no worker was up' : `stopped ${names(stopped)}`,
      ...(left.length === 0 ? [] : [`still up: ${names(left)}`]),
      ...(left.length === 0 ? ['the embedded database does not run any more'] : []),
    ].join('\n')}\n`;
  },
  exitCode: ({ left }) => (left.length === 0 ? exitCodes.pass : exitCodes.fault),
};

const showRows = (rows: Readonly<Record<string, number>>): string =>
  Object.entries(rows)
    .map(([table, count]) => `${count} ${table}`)
    .join(', ');

export const dbStatusSurface: CommandSurface<Record<string, never>, ShownStore> = {
  shape: () => ({}),
  show: (store, terminal) =>
    `${[
      `${store.kind} PostgreSQL ${store.serverVersion} at ${store.address}`,
      `schema ${store.schemaVersion} · ${(store.bytes / 1_048_576).toFixed(1)} MiB`,
      showRows(store.rows),
      ...(store.durable ? [] : [paint(terminal, 'yellow', 'fsync is off: a crash of the machine may lose tasks')]),
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const dbMigrateSurface: CommandSurface<Record<string, never>, { applied: string[] }> = {
  shape: () => ({}),
  show: ({ applied }) => (applied.length === 0 ? 'up to date\n' : `applied ${applied.join(', ')}\n`),
  exitCode: () => exitCodes.pass,
};

const shapeFile = (flags: Flags, terminal: Terminal): { file: string } => ({
  file: resolve(terminal.directory, textOf(flags, 'file') ?? ''),
});

export const dbBackupSurface: CommandSurface<
  { file: string },
  { file: string; bytes: number; rows: Record<string, number> }
> = {
  shape: shapeFile,
  show: ({ file, bytes, rows }) => `${file}: ${(bytes / 1_048_576).toFixed(1)} MiB, ${showRows(rows)}\n`,
  exitCode: () => exitCodes.pass,
};

export const dbRestoreSurface: CommandSurface<{ file: string }, { file: string; rows: Record<string, number> }> = {
  shape: shapeFile,
  show: ({ file, rows }) => `restored from ${file}: ${showRows(rows)}\n`,
  exitCode: () => exitCodes.pass,
};
