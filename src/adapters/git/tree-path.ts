import { gitFault } from './git-fault.js';

const SLASH = 0x2f;

/** Names that lead out of a folder or into a git directory, also as other file systems would read them. */
const DANGEROUS = /^(?:\.{0,2}|\.git[ .]*|\.git:.*|git~1)$/i;

/** Characters that HFS+ leaves out of names. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Fails for a path of a tree or an index that must not be followed on disk: absolute, empty, with an empty, `.` or `..`
 * part, or through a `.git`. @throws GIT_FAILED
 */
export function checkTreePath(path: Uint8Array): Uint8Array {
  let start = 0;
  for (let at = 0; at <= path.length; at += 1) {
    if (at < path.length && path[at] !== SLASH) continue;
    const name = Buffer.from(path.subarray(start, at)).toString('utf8');
    if (DANGEROUS.test(name.replace(IGNORED_BY_HFS, ''))) {
      throw gitFault('GIT_FAILED', 'a path leads out of its folder or into a git directory', {
        mend: 'take the path out of the tree: no honest tool writes it',
        place: { file: Buffer.from(path).toString('utf8') },
      });
    }
    start = at + 1;
  }
  return path;
}
