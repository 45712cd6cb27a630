import { describe, expect, it } from 'vitest';
import { arbiterConfigSchema } from './arbiter-config.js';
import { type RootFacts, detectStack } from './detect-stack.js';

const root = (facts: Partial<RootFacts>): RootFacts => ({
  names: [],
  packageJson: null,
  pyproject: null,
  makefile: null,
  ...facts,
});
const manifest = (content: object): string => JSON.stringify(content);

describe('detectStack', () => {
  it.each([
    ['node:test', root({ packageJson: manifest({ scripts: { test: 'node --test' } }) })],
    ['vitest', root({ packageJson: manifest({ devDependencies: { vitest: '1.0.0' } }) })],
    ['jest', root({ packageJson: manifest({}), names: ['jest.config.js'] })],
    ['vitest', root({ packageJson: manifest({ scripts: { test: 'vitest run' } }) })],
    ['jest', root({ packageJson: manifest({ scripts: { test: 'npx jest --ci' } }) })],
    ['pytest', root({ pyproject: '[project]' })],
    ['pytest', root({ names: ['pytest.ini'] })],
    ['go test', root({ names: ['go.mod'] })],
    ['cargo', root({ names: ['Cargo.toml'] })],
    ['make', root({ makefile: 'all:\n\ttrue\ntest:\n\ttrue\n' })],
  ])('finds %s', (name, facts) => expect(detectStack(facts)?.name).toBe(name));

  it('finds nothing in a folder of documents', () => expect(detectStack(root({ names: ['README.md'] }))).toBeNull());

  it('keeps the files and imports that the test script names', () => {
    const stack = detectStack(
      root({ packageJson: manifest({ scripts: { test: 'tsc && node --import=tsx --test test/*.ts' } }) }),
    );
    expect(stack?.gates['tests']?.command).toEqual([
      'node',
      '--import=tsx',
      '--test',
      '--test-reporter=junit',
      '--test-reporter-destination={report:junit}',
      'test/*.ts',
    ]);
  });

  it('proposes gates that the configuration schema takes', () => {
    for (const packageJson of [
      manifest({
        devDependencies: { vitest: '1', '@vitest/coverage-v8': '1', eslint: '1', '@stryker-mutator/core': '1' },
      }),
      manifest({ devDependencies: { jest: '1', typescript: '1' } }),
    ]) {
      const gates = detectStack(root({ packageJson, names: ['tsconfig.json'] }))?.gates;
      expect(() => arbiterConfigSchema.parse({ version: 1, gates })).not.toThrow();
    }
  });

  it('says what is missing', () => {
    expect(detectStack(root({ packageJson: manifest({ devDependencies: { jest: '1' } }) }))?.missing).toHaveLength(1);
    expect(detectStack(root({ pyproject: 'dependencies = ["pytest-cov"]' }))?.gates['coverage']).toBeDefined();
    const listed = root({ names: ['tox.ini'], requirements: 'pytest\npytest-cov==5.0.0\n' });
    expect(detectStack(listed)?.gates['coverage']).toBeDefined();
  });

  it('says what a first user would meet: without coverage a waiver, without a tests gate FAIL', () => {
    const said = (facts: Partial<RootFacts>): string => (detectStack(root(facts))?.missing ?? []).join();
    expect(said({ names: ['pytest.ini'] })).toMatch(/pytest-cov.*needs a waiver/);
    expect(said({ packageJson: manifest({ devDependencies: { vitest: '1' } }) })).toMatch(/needs a waiver/);
    expect(said({ makefile: 'test:\n' })).toMatch(/every verdict is FAIL/);
  });
});
