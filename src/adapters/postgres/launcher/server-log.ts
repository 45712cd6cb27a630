import { open, stat, truncate, writeFile } from 'node:fs/promises';

const maxBytes = 4 * 1024 * 1024;
const keptBytes = 256 * 1024;

/**
 * Keeps the server's log below 4 MiB: its end goes to `<log>.1` and it starts anew. The server appends, so it writes on
 * at the new end. Never fails: a log is no reason to stop work.
 */
export async function capLog(log: string): Promise<void> {
  try {
    if ((await stat(log)).size <= maxBytes) return;
    await writeFile(`${log}.1`, await readEnd(log, keptBytes), { mode: 0o600 });
    await truncate(log, 0);
  } catch {
    // Missing, or another process has just done the same.
  }
}

/** What the server said against itself from a place in its log on, for a person; its last lines if nothing of the kind. */
export async function readLogFrom(log: string, from: number, lines: number): Promise<string> {
  const end = await readEnd(log, 8192, from).catch(() => Buffer.alloc(0));
  const all = end.toString('utf8').trim().split('\n');
  const grave = all.filter((line) => /(?:FATAL|PANIC|ERROR|HINT): /.test(line));
  return (grave.length > 0 ? grave : all)
    .slice(-lines)
    .map((line) => line.replace(/^.* UTC \[\d+\] /, ''))
    .join(' | ');
}

async function readEnd(file: string, bytes: number, from = 0): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(from, size - bytes);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    await handle.read(buffer, 0, buffer.length, start);
    return buffer;
  } finally {
    await handle.close();
  }
}
