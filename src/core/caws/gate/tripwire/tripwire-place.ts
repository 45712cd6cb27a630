import { isTestPath } from '../../test-path.js';
import type { TestFramework } from '../test-framework.js';

/** Where a tripwire may stand: a folder whose tests the runner finds, and how their files are named there. */
export interface TripwirePlace {
  /** Folder relative to the repository, empty for its top. */
  readonly folder: string;
  readonly prefix: string;
  readonly suffix: string;
}

const placesAtMost = 6;
const script = /^(.*?)((?:[.\-_](?:test|spec))?\.[cm]?[jt]sx?)$/i;

/**
 * Places for tripwires beside the tests there are: one for each folder and way of naming, the fullest first, at most 6.
 * Empty when there is no test file of the runner's language.
 */
export function tripwirePlaces(framework: TestFramework, paths: readonly string[]): readonly TripwirePlace[] {
  const counts = new Map<string, { place: TripwirePlace; count: number }>();
  for (const path of paths) {
    const place = isTestPath(path) ? placeBeside(framework, path) : null;
    if (place === null) continue;
    const key = `${place.folder}\0${place.prefix}\0${place.suffix}`;
    counts.set(key, { place, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.entries()]
    .sort(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1))
    .slice(0, placesAtMost)
    .map(([, { place }]) => place);
}

function placeBeside(framework: TestFramework, path: string): TripwirePlace | null {
  const slash = path.lastIndexOf('/');
  const folder = slash < 0 ? '' : path.slice(0, slash);
  const name = path.slice(slash + 1);
  return framework === 'pytest' ? placeOfPython(folder, name) : placeOfScript(framework, path, folder, name);
}

function placeOfScript(framework: TestFramework, path: string, folder: string, name: string): TripwirePlace | null {
  const parts = script.exec(name);
  const suffix = parts?.[2];
  if (suffix === undefined || name.endsWith('.d.ts')) return null;
  if (/test|spec/i.test(suffix)) return { folder, prefix: '', suffix };
  const matchesByFolder = framework === 'vitest' || framework === 'jest';
  if (!matchesByFolder && /^test-/i.test(name)) return { folder, prefix: 'test-', suffix };
  const isFound = inTestsFolder(path) && (matchesByFolder || !isSupport(path));
  return isFound ? { folder, prefix: '', suffix } : null;
}

function placeOfPython(folder: string, name: string): TripwirePlace | null {
  if (/^test_.*\.py$/.test(name)) return { folder, prefix: 'test_', suffix: '.py' };
  return /_test\.py$/.test(name) ? { folder, prefix: '', suffix: '_test.py' } : null;
}

function inTestsFolder(path: string): boolean {
  return /(^|\/)(__tests__|tests?|specs?)\//.test(path);
}

// Helpers and fixtures of tests are not run as tests by every runner.
function isSupport(path: string): boolean {
  return /(^|\/)(fixtures?|helpers?|support|data|mocks?|__mocks__|__snapshots__)(\/|\.)/i.test(path);
}
