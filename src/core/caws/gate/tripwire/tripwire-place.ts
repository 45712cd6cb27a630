import { isTestPath } from '../../test-path.js';
import type { TestFramework } from '../test-framework.js';

/** Where a tripwire may stand: a folder whose tests the runner finds, and how their files are named there. */
export interface TripwirePlace {
  /** Folder relative to the repository, empty for its top. */
  readonly folder: string;
  readonly prefix: string;
  readonly suffix: string;
  /** A test file that is there already, at whose end it stands; null for a file of its own. */
  readonly file: string | null;
}

const placesAtMost = 6;
const filesAtMost = 200;
const script = /^(.*?)((?:[.\-_](?:test|spec))?\.[cm]?[jt]sx?)$/i;

/**
 * Places for tripwires: files of their own beside the tests there are, one for each folder and way of naming, the
 * fullest first, at most 6; and the end of each test file, at most 200. Empty when there is no test file of the
 * runner's language.
 */
export function tripwirePlaces(framework: TestFramework, paths: readonly string[]): readonly TripwirePlace[] {
  const counts = new Map<string, { place: TripwirePlace; count: number }>();
  const files: TripwirePlace[] = [];
  for (const path of paths) {
    const place = isTestPath(path) ? placeBeside(framework, path) : null;
    if (place === null) continue;
    files.push({ ...place, file: path });
    const key = `${place.folder}\0${place.prefix}\0${place.suffix}`;
    counts.set(key, { place, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const own = [...counts.entries()]
    .sort(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1))
    .slice(0, placesAtMost)
    .map(([, { place }]) => place);
  return [...own, ...files.slice(0, filesAtMost)];
}

/** True for places of one folder and one way of naming: a runner looks into all such files or into none. */
export function isSameClass(a: TripwirePlace, b: TripwirePlace): boolean {
  return a.folder === b.folder && a.prefix === b.prefix && a.suffix === b.suffix;
}

function placeBeside(framework: TestFramework, path: string): TripwirePlace | null {
  const slash = path.lastIndexOf('/');
  const folder = slash < 0 ? '' : path.slice(0, slash);
  const name = path.slice(slash + 1);
  if (framework === 'go') return placeOfGo(folder, name);
  return framework === 'pytest' ? placeOfPython(folder, name) : placeOfScript(framework, path, folder, name);
}

function placeOfScript(framework: TestFramework, path: string, folder: string, name: string): TripwirePlace | null {
  const suffix = script.exec(name)?.[2];
  if (suffix === undefined || name.endsWith('.d.ts')) return null;
  const prefix = /^test-/i.test(name) && framework === 'node' ? 'test-' : '';
  const isMarked = prefix !== '' || /test|spec/i.test(suffix);
  return isMarked || (inTestsFolder(path) && !isSupport(path)) ? { folder, prefix, suffix, file: null } : null;
}

function placeOfPython(folder: string, name: string): TripwirePlace | null {
  if (/^test_.*\.py$/.test(name)) return { folder, prefix: 'test_', suffix: '.py', file: null };
  return /_test\.py$/.test(name) ? { folder, prefix: '', suffix: '_test.py', file: null } : null;
}

// Go leaves out files and folders that begin with a dot or an underscore, `testdata` and `vendor`.
function placeOfGo(folder: string, name: string): TripwirePlace | null {
  const isLeftOut = /(^|\/)([._]|(testdata|vendor)(\/|$))/.test(folder) || /^[._]/.test(name);
  return !isLeftOut && name.endsWith('_test.go') ? { folder, prefix: '', suffix: '_test.go', file: null } : null;
}

function inTestsFolder(path: string): boolean {
  return /(^|\/)(__tests__|tests?|specs?)\//.test(path);
}

// Helpers and fixtures of tests are not run as tests by every runner.
function isSupport(path: string): boolean {
  return /(^|\/)(fixtures?|helpers?|support|data|mocks?|__mocks__|__snapshots__)(\/|\.)/i.test(path);
}
