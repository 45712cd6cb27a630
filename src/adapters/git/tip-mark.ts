import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '../../core/fault.js';
import { isFsError } from './fs-error.js';
import type { Repository } from './locate-repository.js';
import type { ObjectReader } from './object-reader.js';
import { CANDIDATES, findProtectedTip, type Tip } from './protected-tip.js';
import { readSmallFile } from './read-small-file.js';
import type { GitCommand } from './spawn-git.js';

/** Asks git for the protected tip only when something that it depends on has changed since. */
export function tipReader(git: GitCommand, objects: ObjectReader, repository: Repository): () => Promise<Tip | null> {
  let known: { readonly mark: string; readonly tip: Tip | null } | null = null;
  return async () => {
    const mark = markOfTip(repository);
    if (mark !== null && known?.mark === mark) return known.tip;
    const tip = await findProtectedTip(git, objects, repository.bare);
    // An answer to a question that changed while it was asked is not kept.
    known = mark !== null && markOfTip(repository) === mark ? { mark, tip } : null;
    return tip;
  };
}

/**
 * All that the protected tip depends on, as it is right now: while this stays the same, so does the tip. Loose refs by
 * what they hold, packed ones by the stamp of their file, which git only ever replaces whole. Null where it cannot be
 * told: a chain of symbolic refs, or a file that is none.
 */
function markOfTip({ gitDir, commonDir, bare }: Repository): string | null {
  try {
    const parts = bare
      ? followedRef(join(gitDir, 'HEAD'), commonDir)
      : CANDIDATES.flatMap((ref) => followedRef(join(commonDir, ref), commonDir));
    if (parts.includes(null)) return null;
    return [...parts, stampOf(join(commonDir, 'packed-refs'))].join('\0');
  } catch (error) {
    if (isFault(error, 'GIT_FAILED')) return null;
    throw error;
  }
}

/** What a ref's file holds and, when that is another ref, what that one's does; a null for a ref yet further on. */
function followedRef(path: string, commonDir: string): (string | null)[] {
  const own = readSmallFile(path);
  const target = /^ref:\s*(refs\/\S+)\s*$/.exec(own ?? '')?.[1];
  if (target === undefined) return [own ?? ''];
  const next = readSmallFile(join(commonDir, target));
  return [own, next?.startsWith('ref:') === true ? null : (next ?? '')];
}

function stampOf(path: string): string {
  try {
    const { ino, mtimeNs, ctimeNs, size } = statSync(path, { bigint: true });
    return [ino, mtimeNs, ctimeNs, size].join(' ');
  } catch (error) {
    if (isFsError(error)) return '';
    throw error;
  }
}
