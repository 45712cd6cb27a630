import { describe, expect, it } from 'vitest';
import { deliberate, honestBase, probe } from './gate-fixture.js';

const run = it.skipIf(!probe.available);
const why = probe.available ? '' : ` (skipped: ${probe.detail})`;

describe(`an honest change${why}`, () => {
  run('passes a tests gate that is shown to be alive', async () => {
    const result = await deliberate(honestBase, {
      'src/sum.js': 'export function sum(a, b) {\n  return b + a;\n}\n',
    });
    console.log(JSON.stringify(result.outcomes, null, 1), result.notes);
    expect(result.outcome()).toMatchObject({ outcome: 'pass', tripwire: 'reported', executedCount: 1 });
  });
});
