import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { TestRun } from '../../core/caws/gate/test-run.js';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import { type TripwirePlace, tripwirePlaces } from '../../core/caws/gate/tripwire/tripwire-place.js';
import { testPathsOf } from './changed-files.js';
import type { Deliberation, NamedGate } from './deliberation.js';
import { sha256 } from './gate-outcome.js';
import { runTests } from './test-run.js';

/** The base's own tests on the base's own code. */
export interface BaseRun {
  /** Null when they could not be run or read; `problem` says why. */
  readonly run: TestRun | null;
  readonly problem: string | null;
  /** Places at which the runner found the tripwire on the base: there it must find it on the candidate too. */
  readonly places: readonly TripwirePlace[];
}

const cacheVersion = 1;
const storedSchema = z.strictObject({
  version: z.literal(cacheVersion),
  run: z.strictObject({
    exit: z.number().nullable(),
    tripwire: z.strictObject({ name: z.string(), nonce: z.string() }).nullable(),
    report: z.strictObject({
      tests: z.array(
        z.strictObject({
          id: z.string(),
          title: z.string(),
          outcome: z.enum(['passed', 'failed', 'skipped', 'error']),
          message: z.string().nullable(),
          file: z.string().nullable(),
        }),
      ),
    }),
  }),
  places: z.array(
    z.strictObject({ folder: z.string(), prefix: z.string(), suffix: z.string(), file: z.string().nullable() }),
  ),
});

/**
 * Runs the base's tests, once per (base tree, gate, toolchain, packages); kept in the cache folder between
 * adjudications when the sandbox lets no gate write there. A base without test files has an empty run.
 */
export async function runBase(
  deliberation: Deliberation,
  named: NamedGate,
  framework: TestFramework,
): Promise<BaseRun> {
  const places = tripwirePlaces(framework, testPathsOf(named.gate, deliberation.basePaths));
  if (places.length === 0)
    return { run: { report: { tests: [] }, exit: 0, tripwire: null }, problem: null, places: [] };
  const { room } = deliberation;
  const file = join(deliberation.cacheFolder, 'base-runs', `${keyOf(deliberation, named)}.json`);
  const cached = room.sandbox.guarantees.hidesFiles ? await readStored(file) : null;
  if (cached !== null) {
    room.progress.note(`${named.name}: the base's run is known`);
    return cached;
  }
  room.progress.note(`${named.name}: running the base's tests`);
  const result = await runTests(room, {
    gate: named.gate,
    framework,
    side: 'base',
    overlay: new Map(),
    places,
    modules: [],
  });
  if (result.problem !== null) return { run: null, problem: result.problem, places: [] };
  // Places that this runner does not look into prove nothing about the base; the tripwires found there do.
  const run = { ...result.run, tripwire: result.alive ? result.run.tripwire : null };
  const base: BaseRun = { run, problem: null, places: result.livePlaces };
  if (room.sandbox.guarantees.hidesFiles && result.livePlaces.length > 0) await store(file, base);
  return base;
}

function keyOf({ room, change }: Deliberation, { gate }: NamedGate): string {
  const packages = room.dependencies.base.state === 'ready' ? room.dependencies.base.key : 'none';
  return sha256(
    JSON.stringify([cacheVersion, change.baseTree, gate, room.toolchain.sha256, packages, room.sandboxName]),
  );
}

async function readStored(file: string): Promise<BaseRun | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = storedSchema.safeParse(parseOrNull(text));
  return parsed.success ? { run: parsed.data.run, problem: null, places: parsed.data.places } : null;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A cache entry that was cut off is made again.
    return null;
  }
}

async function store(file: string, base: BaseRun): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  // Tasks of one base are judged side by side in one process.
  const making = `${file}.${randomUUID()}`;
  await writeFile(making, JSON.stringify({ version: cacheVersion, run: base.run, places: base.places }), {
    mode: 0o600,
  });
  await rename(making, file);
}
