/** One resolved package of a lock file. Empty texts where the format does not say. */
export interface LockEntry {
  readonly name: string;
  readonly version: string;
  /** Host of the archive, or the whole source where it is no URL; empty for the registry by default. */
  readonly host: string;
  readonly integrity: string;
}

/** What a lock file resolves. `roots` are the names that its own copy of the manifests asks for. */
export interface LockFacts {
  readonly entries: readonly LockEntry[];
  readonly roots: readonly { readonly directory: string; readonly name: string }[];
  /** Names that some entry or root asks for; null where the format does not say. */
  readonly wanted: ReadonlySet<string> | null;
}

/** The host of a URL, the text itself for anything that is none, such as `git+ssh` or a local path. */
export function hostOf(resolved: string): string {
  return /^(?:[a-z]+\+)?https:\/\/([^/]+)/i.exec(resolved)?.[1] ?? resolved.replace(/#.*$/, '');
}
