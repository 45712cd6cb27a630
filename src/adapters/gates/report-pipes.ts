import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const heldOpenMs = 2000;

/** Named pipes through which reports leave a run, and what came through them. */
export interface ReportPipes {
  /** To be called when every process of the run is dead: what was written to each pipe, null when over the cap or unended. */
  finish(): Promise<ReadonlyMap<string, Uint8Array | null>>;
}

/**
 * Makes a named pipe for each name in `folder` and reads all of them. What is written cannot be taken back: a process
 * that rewrites the report can only add to it, and then it is no longer one document. Mounted read-only, a pipe cannot
 * be replaced by a file or a link; without read permission nobody but us can take bytes out of it. A tool that opens
 * its report to read and write (`opensToRead`) needs that permission: who then takes bytes away must take all of them,
 * against us who read too, or what is left is no report.
 */
export async function openReportPipes(
  folder: string,
  names: readonly string[],
  options: { readonly maxBytes: number; readonly opensToRead: boolean; readonly onOver: () => void },
): Promise<ReportPipes> {
  const readers = await Promise.all(names.map((name) => readPipe(join(folder, name), options)));
  return {
    async finish() {
      const contents = await Promise.all(readers.map((reader) => reader.finish()));
      return new Map(names.map((name, index) => [name, contents[index] ?? null]));
    },
  };
}

async function readPipe(
  path: string,
  options: { readonly maxBytes: number; readonly opensToRead: boolean; readonly onOver: () => void },
): Promise<{ finish(): Promise<Uint8Array | null> }> {
  await promisify(execFile)('mkfifo', ['-m', '600', path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // Our own writing end keeps the pipe from ending between two writers; closing it ends the pipe.
  const writing = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  if (!options.opensToRead) await chmod(path, 0o200);
  return { finish: collect(reading, writing, options) };
}

function collect(
  reading: number,
  writing: number,
  { maxBytes, onOver }: { readonly maxBytes: number; readonly onOver: () => void },
): () => Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let total = 0;
  const socket = new Socket({ fd: reading, readable: true, writable: false });
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('end', resolve);
    socket.once('error', reject);
  });
  // An error before the run ends is reported by `finish`, which awaits the same promise.
  ended.catch(() => undefined);
  socket.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total <= maxBytes) chunks.push(chunk);
    else onOver();
  });
  return async () => {
    closeSync(writing);
    // Only a process that escaped a bare run can still hold the pipe: then there is no whole report.
    const whole = await Promise.race([ended.then(() => true), sleep(heldOpenMs, false, { ref: false })]);
    socket.destroy();
    return !whole || total > maxBytes ? null : Buffer.concat(chunks);
  };
}
