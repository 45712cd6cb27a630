import { posix } from 'node:path';

/**
 * A path as an agent gives it, relative to the clone whose folder it knows by `folder`; null when it leads outside. Names
 * alone are looked at: links are the sandbox's to hold.
 */
export function placeInClone(folder: string, path: string): string | null {
  const absolute = posix.resolve(folder, path);
  const top = posix.normalize(folder).replace(/\/$/, '');
  if (absolute === top) return '';
  return absolute.startsWith(`${top}/`) ? absolute.slice(top.length + 1) : null;
}

/** Why an agent may not write there, or null. */
export function refusalOf(
  room: { readonly folder: string; refuses(path: string): string | null },
  path: string,
): string | null {
  const place = placeInClone(room.folder, path);
  if (place === null || place === '') return 'it is outside of the clone';
  return room.refuses(place);
}
