import { z } from 'zod';
import type { TestCase } from '../src/core/caws/gate/report.js';

/** Reads `failed test/a.js::suite > title | message` as a test case. */
export function testCase(line: string): TestCase {
  const [, outcome, id = '', message] = /^(\S+) (.*?)(?: \| (.*))?$/.exec(line) ?? [];
  const file = id.includes('::') ? (id.split('::', 1)[0] ?? null) : null;
  const title = (file === null ? id : id.slice(file.length + 2)).split(' > ').at(-1) ?? id;
  return {
    id,
    title,
    outcome: z.enum(['passed', 'failed', 'skipped', 'error']).parse(outcome),
    message: message ?? null,
    file,
  };
}
