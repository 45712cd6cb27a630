import { compilePatterns } from '../scope-pattern.js';
import type { TestCase } from './report.js';

/**
 * Whether an admission's `removed_tests` or `changed_assertions` covers a test: an entry is its id, its name without
 * the file, its file, a folder above the file, or a glob over the file, as scope entries are read. An empty list
 * admits nothing; a test whose file the report does not tell is admitted by its name alone.
 */
export function isAdmitted(test: TestCase, entries: readonly string[]): boolean {
  const name = test.file === null ? test.id : test.id.slice(test.file.length + 2);
  if (entries.includes(test.id) || entries.includes(name)) return true;
  return test.file !== null && compilePatterns(entries)(test.file);
}
