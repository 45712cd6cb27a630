/**
 * A path of a report as a path relative to the repository root: `root` and `file://` stripped, `\` read as `/`, `.` and
 * `..` resolved. Null for the empty text and for a path outside the root. `root` is the checkout's absolute path.
 */
export function repositoryPath(raw: string, root: string): string | null {
  const plain = withSlashes(raw.trim());
  const top = withSlashes(root).replace(/\/+$/, '');
  if (plain === '') return null;
  const inside = isAbsolute(plain) ? belowRoot(plain, top) : plain;
  return inside === null ? null : resolveSegments(inside);
}

/** Strips the root wherever it stands in a text, so that a test's name is the same in any checkout. */
export function withoutRoot(text: string, root: string): string {
  const top = root.replace(/[\\/]+$/, '');
  if (top === '') return text;
  return text.replaceAll(`file://${top}/`, '').replaceAll(`${top}/`, '').replaceAll(`${top}\\`, '');
}

function withSlashes(path: string): string {
  const bare = path.startsWith('file://') ? path.slice('file://'.length).replace(/^\/(?=[A-Za-z]:)/, '') : path;
  return bare.replaceAll('\\', '/');
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
}

function belowRoot(path: string, top: string): string | null {
  // Windows drives and directories compare without case.
  const fold = (text: string): string => (/^[A-Za-z]:/.test(top) ? text.toLowerCase() : text);
  return fold(path).startsWith(`${fold(top)}/`) ? path.slice(top.length + 1) : null;
}

function resolveSegments(path: string): string | null {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.pop() === undefined) return null;
  }
  return kept.length === 0 ? null : kept.join('/');
}
