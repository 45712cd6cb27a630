import type { TestFramework } from '../test-framework.js';
import type { TripwirePlace } from './tripwire-place.js';
import { goAddition, goSource } from './go-source.js';
import { hexOf, wordOf } from './tripwire-name.js';
import { pytestAddition, pytestSource } from './python-source.js';
import { scriptAddition, scriptSource } from './script-source.js';
import { type ModuleKind, type TripwireTest, tripwireWays } from './tripwire-test.js';

/**
 * A planted test file, or tests planted at the end of a file that is there already: fails in each of its tests once it
 * has imported the changed modules. Who silences only the tests he knows by their file is caught by the second kind.
 */
export interface PlantedTripwire {
  readonly place: TripwirePlace;
  readonly path: string;
  /** Text of the whole file. */
  readonly source: string;
  readonly tests: readonly TripwireTest[];
}

const bytesEach = 12;
/** Random bytes that one tripwire takes. */
export const tripwireBytes = bytesEach * (1 + 2 * tripwireWays.length);

/**
 * The tripwire for a place. `modules` are paths of the repository to import first; `random` holds `tripwireBytes` bytes
 * that nobody else can foresee.
 */
export function plantTripwire(
  framework: TestFramework,
  place: TripwirePlace,
  kind: ModuleKind,
  modules: readonly string[],
  random: Uint8Array,
): PlantedTripwire {
  const path = pathOf(place, random);
  const tests = testsOf(framework, random);
  const relative = modules.map((module) => relativePath(place.folder, module));
  const source =
    framework === 'pytest' ? pytestSource(tests, relative) : scriptSource(framework, kind, tests, relative);
  return { place, path, source, tests };
}

/** Tests that must fail, put at the end of the place's file, whose text is given. */
export function plantInto(
  framework: TestFramework,
  place: TripwirePlace & { readonly file: string },
  kind: ModuleKind,
  text: string,
  random: Uint8Array,
): PlantedTripwire {
  const tests = testsOf(framework, random);
  const word = wordOf(random.subarray(0, bytesEach));
  const added = framework === 'pytest' ? pytestAddition(tests, word) : scriptAddition(framework, kind, tests, word);
  return { place, path: place.file, source: `${text}\n${added}`, tests };
}

/**
 * The tripwire for a place of Go: a file of its own of the package named, or where the place is a file the end of that
 * file, whose text is given. Null when the text is no Go file.
 */
export function plantGo(
  place: TripwirePlace,
  { packageName, text }: { readonly packageName: string; readonly text: string },
  random: Uint8Array,
): PlantedTripwire | null {
  const tests = testsOf('go', random);
  const word = wordOf(random.subarray(0, bytesEach));
  if (place.file === null)
    return { place, path: pathOf(place, random), source: goSource(packageName, tests, word), tests };
  const source = goAddition(text, tests, word);
  return source === null ? null : { place, path: place.file, source, tests };
}

function pathOf({ folder, prefix, suffix }: TripwirePlace, random: Uint8Array): string {
  const name = `${prefix}${wordOf(random.subarray(0, bytesEach))}${suffix}`;
  return folder === '' ? name : `${folder}/${name}`;
}

function testsOf(framework: TestFramework, random: Uint8Array): readonly TripwireTest[] {
  const piece = (index: number): Uint8Array => random.subarray(index * bytesEach, (index + 1) * bytesEach);
  return tripwireWays.map((way, index) => ({
    way,
    title: titleOf(framework, piece(1 + 2 * index)),
    nonce: hexOf(piece(2 + 2 * index)),
  }));
}

function titleOf(framework: TestFramework, bytes: Uint8Array): string {
  const word = wordOf(bytes);
  if (framework === 'go') return `Test${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
  return framework === 'pytest' ? `test_${word}` : word;
}

/** `../src/a.js` for `src/a.js` seen from `test`; always starts with a dot. */
export function relativePath(folder: string, path: string): string {
  const from = folder === '' ? [] : folder.split('/');
  const to = path.split('/');
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared += 1;
  const up = from.slice(shared).map(() => '..');
  return [...(up.length === 0 ? ['.'] : up), ...to.slice(shared)].join('/');
}
