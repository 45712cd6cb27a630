import { createHash, type Hash } from 'node:crypto';
import type { ChangedFile } from '../../core/caws/change.js';
import { comparePaths } from '../../core/caws/path-bytes.js';
import type { ObjectReader } from './object-reader.js';
import { writePath } from './path-text.js';

interface DigestRecord {
  readonly path: string;
  readonly mode: string;
  /** Null for a submodule and for a path that is gone. */
  readonly blob: string | null;
  readonly contentSha256: string;
}

const GONE = { mode: '000000', blob: null, contentSha256: '0'.repeat(64) } as const;
const SUBMODULE = '160000';

function recordsOf(file: ChangedFile): DigestRecord[] {
  const records: DigestRecord[] = [];
  if (file.oldPath !== null && file.oldPath !== file.newPath) records.push({ path: file.oldPath, ...GONE });
  if (file.newPath === null || file.newMode === null || file.newBlob === null) return records;
  const isSubmodule = file.newMode === SUBMODULE;
  const contentSha256 = isSubmodule ? createHash('sha256').update(file.newBlob).digest('hex') : '';
  records.push({ path: file.newPath, mode: file.newMode, blob: isSubmodule ? null : file.newBlob, contentSha256 });
  return records;
}

/**
 * The `contentSha256` of a change, as its schema defines it byte by byte; each blob is streamed, and hashed once however
 * often it occurs. No files give the SHA-256 of nothing. @throws GIT_FAILED when a blob is missing or damaged
 */
export async function digestContent(objects: ObjectReader, files: readonly ChangedFile[]): Promise<string> {
  const records = files.flatMap(recordsOf).sort((a, b) => comparePaths(a.path, b.path));
  const blobs = [...new Set(records.flatMap(({ blob }) => blob ?? []))];
  const digests = await digestBlobs(objects, blobs);
  const whole = createHash('sha256');
  for (const { path, mode, blob, contentSha256 } of records) {
    const content = blob === null ? contentSha256 : (digests.get(blob) ?? '');
    whole.update(`${mode} ${content}\t`).update(writePath(path)).update('\0');
  }
  return whole.digest('hex');
}

async function digestBlobs(objects: ObjectReader, blobs: readonly string[]): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  let hash: Hash = createHash('sha256');
  let at = 0;
  const settle = (index: number): void => {
    for (; at < index; at += 1) {
      digests.set(blobs[at] ?? '', hash.digest('hex'));
      hash = createHash('sha256');
    }
  };
  await objects.pieces(blobs, (index, piece) => {
    settle(index);
    hash.update(piece);
  });
  settle(blobs.length);
  return digests;
}
