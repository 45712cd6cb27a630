import { join } from 'node:path';
import { remoteGoModules } from '../../core/caws/gate/go-modules.js';
import type { GateRoom } from './gate-room.js';
import { readInside } from './untrusted-tree.js';

const maxBytes = 4 * 1024 * 1024;
const namedAtMost = 5;

/**
 * Why Go cannot find a side's modules without a network: its `go.mod` requires some and no vendor folder holds them.
 * Null when there is nothing to miss, or no `go.mod` in the gate's folder, of which Go itself will speak.
 */
export async function unmetGoModules(room: GateRoom, cwd: string): Promise<string | null> {
  for (const root of [room.pristine.base, room.pristine.candidate]) {
    const goMod = (await readInside(root, join(cwd, 'go.mod'), maxBytes)).bytes;
    const modules = goMod === null ? [] : remoteGoModules(Buffer.from(goMod).toString('utf8'));
    if (modules.length === 0) continue;
    const vendored = (await readInside(root, join(cwd, 'vendor/modules.txt'), maxBytes)).bytes;
    if (vendored !== null) continue;
    const named = modules.slice(0, namedAtMost).join(', ');
    const more = modules.length > namedAtMost ? ` and ${modules.length - namedAtMost} more` : '';
    return `go.mod requires modules that are not vendored, and gates have no network: ${named}${more}`;
  }
  return null;
}
