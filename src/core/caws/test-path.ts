const testDirectory = /(^|\/)(tests?|__tests__|specs?|e2e|cypress|__snapshots__|__mocks__)\//i;
const testFile =
  /(\.(test|spec|e2e|cy|bench)\.[cm]?[jt]sx?|(^|\/)test_[^/]*\.py|_test\.(py|go|rb|exs?)|(^|\/)conftest\.py|\.snap)$/i;
const testRoot = /(^|\/)(tests?|spec)\.[cm]?[jt]sx?$/i;
// `.caws/specs/` holds working specs, not tests.
const neverTests = /(^|\/)(\.caws|node_modules)\//;

/** True when a path is a test, a snapshot or a test's helper by the habits of JavaScript, TypeScript, Python and Go. */
export function isTestPath(path: string): boolean {
  return !neverTests.test(path) && (testDirectory.test(path) || testFile.test(path) || testRoot.test(path));
}
