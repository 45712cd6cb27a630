/**
 * The entries that a `scope.out` entry shuts out although the same scope lets them in: those it is a proper prefix of,
 * by whole path segments (`a/b` shuts out `a/b/c.ts`, not `a/bc.ts` and not `a/b` itself).
 */
export function shadowedBy(out: string, admitted: readonly string[]): string[] {
  const prefix = trimSlash(out);
  return prefix === '' ? [] : admitted.filter((entry) => trimSlash(entry).startsWith(`${prefix}/`));
}

function trimSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
