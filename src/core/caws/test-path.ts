const testDirectory = /(^|\/)(tests?|testdata|__tests__|specs?|e2e|cypress|__snapshots__|__mocks__)\//i;
const testFile =
  /(\.(test|spec|e2e|cy|bench)\.[cm]?[jt]sx?|(^|\/)test_[^/]*\.py|_test\.(py|go|rb|exs?)|(^|\/)conftest\.py|\.snap)$/i;
const testRoot = /(^|\/)(tests?|spec)\.[cm]?[jt]sx?$/i;
// `.caws/specs/` holds working specs, not tests.
const neverTests = /(^|\/)(\.caws|node_modules)\//;

/** True when a path is a test, a snapshot or a test's helper by the habits of JavaScript, TypeScript, Python and Go. */
export function isTestPath(path: string): boolean {
  return !neverTests.test(path) && (testDirectory.test(path) || testFile.test(path) || testRoot.test(path));
}

const foundName =
  /(\.(test|spec|e2e|cy)\.[cm]?[jt]sx?|(^|\/)test_[^/]*\.py|_test\.(py|go|rb|exs?)|(^|\/)tests?\.[cm]?[jt]sx?)$/i;
const foundDirectory = /(^|\/)(tests?|__tests__)\/([^/]+\/)*[^/]+\.[cm]?[jt]sx?$/i;
const notFound = /(^|\/)(fixtures?|__fixtures__|helpers?|support|mocks?|__mocks__|data|utils?)\//i;

/** True when a runner takes the file for a test by its name, or by lying in a folder of tests. */
export function isTestFileName(path: string): boolean {
  return isTestPath(path) && (foundName.test(path) || (foundDirectory.test(path) && !notFound.test(path)));
}

/** True when a rename takes away the name by which runners find the file. */
export function losesTestName(oldPath: string, newPath: string): boolean {
  const byName = foundName.test(oldPath) && !foundName.test(newPath);
  return isTestFileName(oldPath) && (byName || !isTestFileName(newPath));
}
