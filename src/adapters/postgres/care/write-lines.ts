import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Fault, isFault } from '../../../core/fault.js';
import type { FilesFaultCode } from '../../../ports/files.js';
import { codeOf, messageOf } from '../launcher/database-fault.js';
import { storeFault } from '../store-fault.js';

/** Writes lines as gzip into one file that appears whole or not at all; answers its size. @throws WRITE_FAILED, DISK_FULL */
export async function writeLines(file: string, lines: AsyncIterable<string>): Promise<number> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    // What agents said and did is nobody else's business.
    const target = createWriteStream(temporary, { flags: 'w', mode: 0o600, flush: true });
    await pipeline(Readable.from(lines, { objectMode: true, highWaterMark: 4 }), createGzip({ level: 5 }), target);
    const { size } = await stat(temporary);
    await rename(temporary, file);
    return size;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explain(file, error);
  }
}

function explain(file: string, error: unknown): unknown {
  // Errors of the file system name a call; those of the database come as they are and are explained where they arose.
  if (isFault(error) || !(error instanceof Error && 'syscall' in error)) return error;
  if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') {
    return storeFault('DISK_FULL', `the disk has no room for ${file}`, 'make room, or name a file elsewhere', error);
  }
  return new Fault<FilesFaultCode>('WRITE_FAILED', `${file} cannot be written: ${messageOf(error)}`, {
    mend: 'name a file in a folder that you can write',
    cause: error,
  });
}
