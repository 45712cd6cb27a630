import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { invalidBackup } from './backup-format.js';

/** Longer than any row that the store takes. */
const maxLineBytes = 256 * 1024 * 1024;
const lineFeed = 10;

/**
 * The lines of a gzip file, each with its line feed. Only U+000A ends a line: rows may hold every other separator.
 * @throws BACKUP_INVALID when it is damaged, cut off or no gzip file, or there is none
 */
export async function* readLines(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  let parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
        parts.push(chunk.subarray(from, at + 1));
        yield parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
        parts = [];
        size = 0;
        from = at + 1;
      }
      parts.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size > maxLineBytes) throw invalidBackup(file, 'a line of it is too long');
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw readFault(file, error);
    throw error;
  } finally {
    source.destroy();
  }
  if (parts.some((part) => part.length > 0)) throw invalidBackup(file, 'it is cut off');
}

function readFault(file: string, error: Error & { code?: unknown }): unknown {
  const code = String(error.code);
  // Faults of ours carry a code too.
  if (code === 'BACKUP_INVALID') return error;
  if (code === 'ENOENT') return invalidBackup(file, 'there is no such file', error);
  return code.startsWith('Z_') || code.startsWith('E') ? invalidBackup(file, error.message, error) : error;
}
