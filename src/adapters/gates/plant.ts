import { join } from 'node:path';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import type { ModuleKind } from '../../core/caws/gate/tripwire/tripwire-test.js';
import {
  type PlantedTripwire,
  plantGo,
  plantInto,
  plantTripwire,
  tripwireBytes,
} from '../../core/caws/gate/tripwire/tripwire.js';
import { goPackageOf, hasBuildConstraint } from '../../core/caws/gate/tripwire/go-source.js';
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
    if (framework === 'go') {
      const tripwire = await plantGoAt(room, task, place);
      if (tripwire !== null) planted.push(tripwire);
      continue;
    }
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

/** A file of its own takes its package's name from a test file beside it, one without build tags where there is one. */
async function plantGoAt(room: GateRoom, task: PlantingTask, place: TripwirePlace): Promise<PlantedTripwire | null> {
  const beside =
    place.file === null
      ? task.places.flatMap(({ folder, file }) => (folder === place.folder && file !== null ? [file] : []))
      : [place.file];
  let best: { readonly packageName: string; readonly text: string } | null = null;
  for (const path of beside) {
    const text = await textOf(room, task, path);
    const packageName = text === null ? null : goPackageOf(text);
    if (text === null || packageName === null) continue;
    best ??= { packageName, text };
    if (hasBuildConstraint(text)) continue;
    best = { packageName, text };
    break;
  }
  return best === null ? null : plantGo(place, best, room.clock.randomBytes(tripwireBytes));
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
