import { decodePath, encodePath } from '../../core/caws/path-bytes.js';

/** `decodePath`, the quick way for the many paths that are ASCII; `latin1` is the same bytes as a latin1 string. */
export function readPath(bytes: Buffer, latin1 = bytes.toString('latin1')): string {
  return /[\x80-\xff]/.test(latin1) ? decodePath(bytes) : latin1;
}

/** `encodePath`, the quick way for the many paths that are ASCII. */
export function writePath(path: string): Buffer {
  return /[^\x00-\x7f]/.test(path) ? Buffer.from(encodePath(path)) : Buffer.from(path, 'latin1');
}
