export type FilesFaultCode = 'FILE_MISSING' | 'FILE_UNREADABLE' | 'FILE_EXISTS' | 'FILE_TOO_LARGE' | 'WRITE_FAILED';

/** Files of the host by path: those that a person names, and those that we write for them. */
export interface Files {
  /** At most `maxBytes` (64 MiB when left out). @throws FILE_MISSING, FILE_UNREADABLE, FILE_TOO_LARGE */
  readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder, sorted; empty when there is no such folder. @throws FILE_UNREADABLE */
  list(directory: string): Promise<readonly string[]>;
  /** Writes a file that must not be there yet, with its folders. @throws FILE_EXISTS, WRITE_FAILED */
  writeNewFile(path: string, bytes: Uint8Array, options?: { readonly executable: boolean }): Promise<void>;
  /** Writes or replaces a file in one step (temporary file and rename), with its folders. @throws WRITE_FAILED */
  replaceFile(path: string, bytes: Uint8Array, options?: { readonly executable: boolean }): Promise<void>;
  /** `replaceFile` for content that comes in chunks; answers the SHA-256 of what was written. @throws WRITE_FAILED */
  replaceFileFrom(path: string, chunks: AsyncIterable<Uint8Array>): Promise<string>;
  /** Removes a file; nothing happens where there is none. @throws WRITE_FAILED */
  removeFile(path: string): Promise<void>;
  /** The path with links followed and dots resolved; the nearest existing folder's where the end does not exist. */
  resolve(...parts: readonly string[]): Promise<string>;
}
