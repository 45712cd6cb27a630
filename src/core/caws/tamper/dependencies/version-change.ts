/** Where a requested package comes from; `registry` is the ecosystem's own. */
export type DependencySource = 'registry' | 'git' | 'url' | 'path' | 'alias' | 'workspace';

/** One package that a manifest asks for. `target` is the real package behind an alias, else the name. */
export interface DependencyRequest {
  readonly name: string;
  readonly target: string;
  readonly group: string;
  readonly range: string;
  readonly source: DependencySource;
  readonly line: number | null;
}

/**
 * How a range moved: `narrow` is a patch or minor step, or another range about the same version; `wide` is a major
 * step, a step back, or a range without an upper bound that had one.
 */
export type VersionChange = 'same' | 'narrow' | 'wide';

/** Compares two ranges of the same package by the lowest version each names. A range without a version is `wide`. */
export function compareRanges(before: string, after: string): VersionChange {
  if (before.trim() === after.trim()) return 'same';
  const old = lowestVersion(before);
  const now = lowestVersion(after);
  if (now === null) return 'wide';
  if (old === null) return 'narrow';
  if (now[0] !== old[0]) return 'wide';
  if (now[1] < old[1] || (now[1] === old[1] && now[2] < old[2])) return 'wide';
  return isOpen(after) && !isOpen(before) ? 'wide' : 'narrow';
}

function lowestVersion(range: string): readonly [number, number, number] | null {
  const found = /(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?/.exec(range);
  if (found === null) return null;
  const part = (text: string | undefined): number => (text === undefined || /[x*]/.test(text) ? 0 : Number(text));
  return [part(found[1]), part(found[2]), part(found[3])];
}

/** No upper bound: `>=1`, `>1`, `*`, `latest`. */
function isOpen(range: string): boolean {
  return /^\s*(>=?|\*|latest|next|x\b)/.test(range) && !range.includes('<');
}

/** Tells the source of an npm range or a URL-like request of any ecosystem. */
export function sourceOfRange(range: string): DependencySource {
  const text = range.trim();
  if (/^workspace:/.test(text)) return 'workspace';
  if (/^npm:/.test(text)) return 'alias';
  if (/^(git\b|git\+|github:|gitlab:|bitbucket:|gist:|ssh:)/.test(text) || /^https?:\S+\.git(#|$|@)/.test(text))
    return 'git';
  if (/^(file|link|portal|patch|exec):|^\.{0,2}\/|^~\//.test(text)) return 'path';
  if (/^(https?|ftp):/.test(text)) return 'url';
  return /^[\w.-]+\/[\w.-]+(#.*)?$/.test(text) ? 'git' : 'registry';
}
