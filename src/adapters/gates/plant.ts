import { join } from 'node:path';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import type { ModuleKind } from '../../core/caws/gate/tripwire/tripwire-test.js';
import { type PlantedTripwire, plantTripwire, tripwireBytes } from '../../core/caws/gate/tripwire/tripwire.js';
import type { TripwirePlace } from '../../core/caws/gate/tripwire/tripwire-place.js';
import type { GateRoom, Side } from './gate-room.js';
import { readInside } from './untrusted-tree.js';

/** Tripwires for the places, each with names and nonces of its own that nobody has seen before. */
export async function plantAll(
  room: GateRoom,
  side: Side,
  framework: TestFramework,
  places: readonly TripwirePlace[],
  modules: readonly string[],
): Promise<readonly PlantedTripwire[]> {
  const planted: PlantedTripwire[] = [];
  for (const place of places) {
    const kind = await moduleKindOf(room.pristine[side], place);
    planted.push(plantTripwire(framework, place, kind, modules, room.clock.randomBytes(tripwireBytes)));
  }
  return planted;
}

/** How a script of that place loads: by its ending, else by the nearest package.json above it. */
async function moduleKindOf(root: string, place: TripwirePlace): Promise<ModuleKind> {
  if (/\.m[jt]s$|\.tsx?$/.test(place.suffix)) return 'module';
  if (/\.c[jt]s$/.test(place.suffix)) return 'commonjs';
  const parts = place.folder === '' ? [] : place.folder.split('/');
  for (let length = parts.length; length >= 0; length -= 1) {
    const manifest = await readInside(root, join(...parts.slice(0, length), 'package.json'), 1024 * 1024);
    if (manifest.bytes !== null) return typeOf(manifest.bytes);
  }
  return 'commonjs';
}

function typeOf(manifest: Uint8Array): ModuleKind {
  try {
    const value: unknown = JSON.parse(Buffer.from(manifest).toString('utf8'));
    const type: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'type') : undefined;
    return type === 'module' ? 'module' : 'commonjs';
  } catch {
    // Node treats what it cannot read in the same way, and the run itself will tell.
    return 'commonjs';
  }
}
