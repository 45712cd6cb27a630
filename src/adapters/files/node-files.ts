import { createHash, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Fault, isFault } from '../../core/fault.js';
import type { Files, FilesFaultCode } from '../../ports/files.js';

const defaultMaxBytes = 64 * 1024 * 1024;

/** The host's file system. */
export const nodeFiles: Files = {
  readFile: (path, options) => readFile(path, options?.maxBytes ?? defaultMaxBytes),
  exists,
  list,
  writeNewFile,
  replaceFile,
  replaceFileFrom,
  removeFile,
  resolve: (...parts) => resolveNearest(resolve(...parts)),
};

async function readFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const facts = await stat(path).catch((error: unknown) => refuseRead(path, error));
  if (!facts.isFile()) throw fault('FILE_UNREADABLE', `${path} is no regular file`, 'name a file', path);
  if (facts.size > maxBytes) {
    throw fault(
      'FILE_TOO_LARGE',
      `${path} has ${facts.size} bytes, ${maxBytes} are read at most`,
      'name a smaller file',
      path,
    );
  }
  const handle = await open(path, 'r').catch((error: unknown) => refuseRead(path, error));
  try {
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => (isMissing(error) ? false : refuseRead(path, error)),
  );
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    return isMissing(error) ? [] : refuseRead(directory, error);
  }
}

async function writeNewFile(
  path: string,
  bytes: Uint8Array,
  { executable }: { readonly executable: boolean } = { executable: false },
): Promise<void> {
  const temporary = await writeBeside(path, bytes);
  try {
    if (executable) await chmod(temporary, 0o755);
    // A hard link fails where the name is taken, so that two writers never overwrite each other.
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw fault(
        'FILE_EXISTS',
        `${path} exists already, and is left as it is`,
        'move it away, or choose another name',
        path,
        error,
      );
    }
    throw refuseWrite(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function replaceFile(
  path: string,
  bytes: Uint8Array,
  { executable }: { readonly executable: boolean } = { executable: false },
): Promise<void> {
  const temporary = await writeBeside(path, bytes);
  if (executable) await chmod(temporary, 0o755);
  await rename(temporary, path).catch(async (error: unknown) => {
    await rm(temporary, { force: true });
    throw refuseWrite(path, error);
  });
}

async function replaceFileFrom(path: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const temporary = await writeBeside(path, hashed());
  await rename(temporary, path).catch(async (error: unknown) => {
    await rm(temporary, { force: true });
    throw refuseWrite(path, error);
  });
  return hash.digest('hex');
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw refuseWrite(path, error);
  });
}

async function writeBeside(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, bytes, { flag: 'wx', flush: true });
  } catch (error) {
    // The first error is the one to tell; a temporary file that cannot be removed says nothing new.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw isFault(error) ? error : refuseWrite(path, error);
  }
  return temporary;
}

/** Node's own recursive mkdir never ends where a folder that exists answers ENOENT, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  if (await exists(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: unknown) => {
    // Another run may have made it meanwhile.
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

async function resolveNearest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error;
    return join(await resolveNearest(dirname(path)), basename(path));
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function refuseRead(path: string, error: unknown): never {
  if (isMissing(error)) throw fault('FILE_MISSING', `there is no file ${path}`, 'check the path', path, error);
  throw fault(
    'FILE_UNREADABLE',
    `${path} cannot be read (${codeOf(error) ?? 'unknown'})`,
    'check its permissions',
    path,
    error,
  );
}

function refuseWrite(path: string, error: unknown): Fault<FilesFaultCode> {
  if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR') {
    const message = `${path} cannot be written: a file stands where its folder should be`;
    return fault('WRITE_FAILED', message, 'name a folder that is none of your files', path, error);
  }
  return fault(
    'WRITE_FAILED',
    `${path} cannot be written (${codeOf(error) ?? 'unknown'})`,
    'check the folder’s permissions and the room on the disk',
    path,
    error,
  );
}

function fault(
  code: FilesFaultCode,
  message: string,
  mend: string,
  file: string,
  cause?: unknown,
): Fault<FilesFaultCode> {
  return new Fault(code, message, { mend, place: { file }, ...(cause === undefined ? {} : { cause }) });
}
