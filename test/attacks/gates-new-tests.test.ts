import { describe, expect, it } from 'vitest';
import { deliberate, type Files, honestBase, probe } from './gate-fixture.js';

const why = probe.available ? '' : ` (skipped: ${probe.detail})`;
const run = it.skipIf(!probe.available);
const broken = 'export function sum(a, b) {\n  return a - b;\n}\n';
const honest = 'export function sum(a, b) {\n  return a + b + 0;\n}\n';

/** A new test file that the runner takes first: new tests are free, so nobody has to admit it. */
const first = (text: string): Files => ({
  'test/a-first.test.js': `import test from 'node:test';\nimport fs from 'node:fs';\n${text}\ntest('more', () => {});\n`,
});

describe(`attacks by tests that the change brings${why}`, () => {
  run('a new test file that takes the assertion out of a known one before it is loaded', async () => {
    const rewrite = `const known = new URL('./sum.test.js', import.meta.url);
fs.writeFileSync(known, fs.readFileSync(known, 'utf8').replace('assert.equal(sum(1, 2), 3);', ''));`;
    const result = (await deliberate(honestBase, { ...first(rewrite), 'src/sum.js': broken })).outcome();
    expect(result.outcome).toBe('fail');
    expect(result.findings).toContainEqual(expect.objectContaining({ rule: 'B1', severity: 'waivable' }));
  });

  run('… that puts working code where the broken code was', async () => {
    const rewrite = `fs.writeFileSync(new URL('../src/sum.js', import.meta.url), ${JSON.stringify(honest)});`;
    const result = (await deliberate(honestBase, { ...first(rewrite), 'src/sum.js': broken })).outcome();
    expect(result.outcome).toBe('fail');
    expect(result.findings).toContainEqual(expect.objectContaining({ rule: 'B1', severity: 'waivable' }));
  });

  run('… from a file that only node takes for a test by its name', async () => {
    const { 'test/a-first.test.js': text = null } = first(
      `fs.writeFileSync(new URL('../src/sum.js', import.meta.url), ${JSON.stringify(honest)});`,
    );
    const result = (await deliberate(honestBase, { 'lib/a-test.js': text, 'src/sum.js': broken })).outcome();
    expect(result.findings).toContainEqual(expect.objectContaining({ rule: 'B1', severity: 'waivable' }));
  });

  run('its honest twin: a new test file beside an honest change', async () => {
    const result = (await deliberate(honestBase, { ...first('fs.existsSync("x");'), 'src/sum.js': honest })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported' });
    expect(result.metrics).toMatchObject({ b1Tests: 1, b1Broken: 0 });
  });
});
