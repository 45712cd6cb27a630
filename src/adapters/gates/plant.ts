import { join } from 'node:path';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import type { ModuleKind } from '../../core/caws/gate/tripwire/tripwire-test.js';
import {
  type PlantedTripwire,
  plantInto,
  plantTripwire,
  tripwireBytes,
} from '../../core/caws/gate/tripwire/tripwire.js';
import type { TripwirePlace } from '../../core/caws/gate/tripwire/tripwire-place.js';
import type { GateRoom, Overlay, Side } from './gate-room.js';
import { readInside } from './untrusted-tree.js';

const maxTestBytes = 4 * 1024 * 1024;

/** What is run, as far as planting asks for it. */
export interface PlantingTask {
  readonly side: Side;
  readonly framework: TestFramework;
  readonly overlay: Overlay;
  readonly places: readonly TripwirePlace[];
  readonly modules: readonly string[];
}

/**
 * Tripwires for the places, each with names and nonces of its own that nobody has seen before. A test file that is not
 * there in this run gets none: that its tests are gone is seen by their ids.
 */
export async function plantAll(room: GateRoom, task: PlantingTask): Promise<readonly PlantedTripwire[]> {
  const planted: PlantedTripwire[] = [];
  for (const place of task.places) {
    const { framework, modules } = task;
    const kind = await moduleKindOf(room.pristine[task.side], place);
    const random = room.clock.randomBytes(tripwireBytes);
    if (place.file === null) planted.push(plantTripwire(framework, place, kind, modules, random));
    else {
      const { file } = place;
      const text = await textOf(room, task, file);
      if (text !== null) planted.push(plantInto(framework, { ...place, file }, kind, text, random));
    }
  }
  return planted;
}

async function textOf(room: GateRoom, { side, overlay }: PlantingTask, path: string): Promise<string | null> {
  const over = overlay.get(path);
  const bytes = over === undefined ? (await readInside(room.pristine[side], path, maxTestBytes)).bytes : over;
  return bytes === null ? null : typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
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
