export type PublishedFaultCode = 'PUBLISHED_LOG_REFUSED' | 'PUBLISHED_LOG_UNREADABLE';

/** Files below the root of an exported log, wherever they lie. */
export interface PublishedLog {
  /** A file by its path below the root; null where there is none. @throws PUBLISHED_LOG_UNREADABLE */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>;
}

/**
 * Opens an exported log: a folder, or an http address of this machine, which no name of the network can stand for.
 * @throws PUBLISHED_LOG_REFUSED for any other address
 */
export type OpenPublishedLog = (source: string) => PublishedLog;
