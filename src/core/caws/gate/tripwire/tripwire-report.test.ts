import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { TestCase } from '../report.js';
import { plantInto, plantTripwire, relativePath, tripwireBytes } from './tripwire.js';
import { tripwirePlaces } from './tripwire-place.js';
import { readTripwires, requiredWhereUnknown } from './tripwire-report.js';

const random = (seed: number) =>
  Uint8Array.from({ length: tripwireBytes }, (_, index) => (seed * 31 + index * 7) % 256);
const place = { folder: 'test', prefix: '', suffix: '.test.js', file: null };
const own = plantTripwire('node', place, 'module', ['src/a.js'], random(1));
const into = plantInto('node', { ...place, file: 'test/a.test.js' }, 'module', 'before();', random(2));
const planted = [own, into];

const failed = (title: string, nonce: string): TestCase => ({
  id: title,
  title,
  outcome: 'failed',
  message: `${nonce} all loaded`,
  file: null,
});
const product: TestCase = { id: 'sums', title: 'sums', outcome: 'passed', message: null, file: null };
const all = planted.flatMap(({ tests }) => tests.map(({ title, nonce }) => failed(title, nonce)));

describe('readTripwires', () => {
  it('puts one failed test in the place of all planted ones when each failed with its nonce', () => {
    const reading = readTripwires({ tests: [product, ...all] }, planted);
    expect(reading.alive).toBe(true);
    expect(reading.report.tests.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['sums', 'passed'],
      [reading.standIn.name, 'failed'],
    ]);
    expect(reading.notLoaded).toEqual([]);
  });

  test.prop([
    fc.integer({ min: 0, max: all.length - 1 }),
    fc.constantFrom('gone', 'passed', 'skipped', 'error', 'mute', 'twice'),
  ])(
    'is not alive when any single planted test is gone, passes, is skipped, loses its nonce or comes twice',
    (index, how) => {
      const tests = all.flatMap((one, at): TestCase[] => {
        if (at !== index) return [one];
        if (how === 'gone') return [];
        if (how === 'twice') return [one, one];
        return how === 'mute' ? [{ ...one, message: 'some other failure' }] : [{ ...one, outcome: how }];
      });
      const reading = readTripwires({ tests: [product, ...tests] }, planted);
      expect(reading.alive).toBe(false);
      expect(reading.report.tests.some(({ outcome }) => outcome === 'failed')).toBe(false);
    },
  );

  it('is not alive when nothing was planted, and takes out the file that a runner reports as a test', () => {
    expect(readTripwires({ tests: [product] }, []).alive).toBe(false);
    const file: TestCase = { ...product, id: own.path, title: `/workspace/${own.path}` };
    expect(readTripwires({ tests: [product, file] }, planted).report.tests).toEqual([product]);
  });

  it('tells which modules did not load', () => {
    const [first, ...rest] = all;
    const tests = [
      { ...(first ?? product), message: `${own.tests[0]?.nonce} not loaded: ../src/a.js: Error: x` },
      ...rest,
    ];
    expect(readTripwires({ tests }, planted)).toMatchObject({ alive: true, notLoaded: ['../src/a.js: Error: x'] });
  });

  it('asks only for files named like one that was found where no base has shown what is found', () => {
    const helper = plantInto('node', { ...place, suffix: '.js', file: 'test/helper.js' }, 'module', '', random(3));
    expect(requiredWhereUnknown({ tests: all }, [...planted, helper])).toEqual(planted);
    expect(requiredWhereUnknown({ tests: [] }, [...planted, helper])).toEqual([...planted, helper]);
  });
});

describe('tripwirePlaces', () => {
  it('stands beside the tests there are and in each of them, and nowhere else', () => {
    const paths = ['src/a.js', 'src/a.test.ts', 'test/b.test.js', 'test/c.test.js', 'test/helpers/d.js', 'README.md'];
    const places = tripwirePlaces('node', paths);
    expect(places.filter(({ file }) => file === null).map(({ folder, suffix }) => `${folder}/*${suffix}`)).toEqual([
      'test/*.test.js',
      'src/*.test.ts',
    ]);
    expect(places.flatMap(({ file }) => file ?? [])).toEqual(['src/a.test.ts', 'test/b.test.js', 'test/c.test.js']);
    expect(tripwirePlaces('pytest', ['tests/test_a.py', 'tests/conftest.py', 'a_test.py'])).toHaveLength(4);
    expect(tripwirePlaces('node', ['src/a.js', 'src/b.d.ts'])).toEqual([]);
  });
});

describe('a planted file', () => {
  it('names modules as seen from its folder', () => {
    expect(relativePath('test/unit', 'src/a.js')).toBe('../../src/a.js');
    expect(relativePath('', 'src/a.js')).toBe('./src/a.js');
    expect(relativePath('src', 'src/a.js')).toBe('./a.js');
  });

  it('has a name and nonces that follow from the random bytes alone', () => {
    expect(plantTripwire('node', place, 'module', [], random(1)).path).toBe(own.path);
    expect(plantTripwire('node', place, 'module', [], random(9)).path).not.toBe(own.path);
    expect(new Set(own.tests.flatMap(({ title, nonce }) => [title, nonce])).size).toBe(8);
    expect(into.source.startsWith('before();\n')).toBe(true);
  });
});
