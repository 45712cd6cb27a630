/** A path of the host that the sandbox of a worker shows, and why. Absolute, links followed. */
export interface ShownPath {
  readonly path: string;
  readonly why: string;
}

/**
 * What shows a key to workers: the first shown path that a place of the key is, or lies in. Null when none does.
 * @param places the key's path as given and as links lead; absolute, without dots
 */
export function findShowing(places: readonly string[], shown: readonly ShownPath[]): ShownPath | null {
  const holds = (folder: string, place: string): boolean =>
    place === folder || place.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
  return shown.find(({ path }) => places.some((place) => holds(path, place))) ?? null;
}
