/** Each check as the arguments of node. `coverage` runs one test file alone, so the thresholds cannot be met. */
export const checks = {
  tsc: ['node_modules/typescript/bin/tsc', '-b'],
  'tsc of tests': ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'],
  oxlint: ['node_modules/oxlint/bin/oxlint', '-f', 'unix'],
  oxfmt: ['node_modules/oxfmt/bin/oxfmt', '--check'],
  knip: ['node_modules/knip/bin/knip.js'],
  'architecture test': ['node_modules/vitest/vitest.mjs', 'run', 'test/architecture.test.ts'],
  vitest: ['node_modules/vitest/vitest.mjs', 'run', 'src/core/canary.test.ts'],
  coverage: ['node_modules/vitest/vitest.mjs', 'run', '--coverage', 'src/core/canary.test.ts'],
} as const satisfies Record<string, readonly string[]>;

export interface Canary {
  readonly name: string;
  /** Path → text of files that are not there yet. */
  readonly plant: Readonly<Record<string, string>>;
  /** Check → what its output must say. */
  readonly red: readonly (readonly [keyof typeof checks, RegExp])[];
}

/** A name of the platform that an inner floor must not know, one floor each: Node's types, and the DOM's. */
function platformName(floor: string, name: string): Canary {
  return {
    name: `${floor} names ${name}`,
    plant: { [`src/${floor}/canary.ts`]: `/** Planted. */\nexport const canary: unknown = ${name};\n` },
    red: [['tsc', new RegExp(`src/${floor}/canary\\.ts\\(2,\\d+\\): error TS\\d+: Cannot find name '${name}'`)]],
  };
}

export const canaries: readonly Canary[] = [
  {
    name: 'core imports node:fs',
    plant: { 'src/core/canary.ts': "export { readFileSync } from 'node:fs';\n" },
    red: [
      ['tsc', /src\/core\/canary\.ts.*TS2591/],
      ['oxlint', /'node:fs' import is restricted/],
      ['architecture test', /src\/core\/canary\.ts:1 imports node:fs/],
    ],
  },
  {
    name: 'core imports a type of ports',
    plant: { 'src/core/canary.ts': "export type { Clock } from '../ports/clock.js';\n" },
    red: [
      ['tsc', /src\/ports\/clock\.ts/],
      ['oxlint', /'\.\.\/ports\/clock\.js' import is restricted/],
      ['architecture test', /src\/core\/canary\.ts:1 imports \.\.\/ports\/clock\.js: arrows point down/],
    ],
  },
  {
    name: 'app imports an adapter',
    plant: {
      'src/adapters/canary.ts': 'export const canary = 1;\n',
      'src/app/canary.ts': "export { canary } from '../adapters/canary.js';\n",
    },
    red: [
      ['tsc', /src\/adapters\/canary\.ts/],
      ['oxlint', /'\.\.\/adapters\/canary\.js' import is restricted/],
      ['architecture test', /src\/app\/canary\.ts:1 imports/],
    ],
  },
  {
    name: 'a surface imports an adapter',
    plant: {
      'src/adapters/canary.ts': 'export const canary = 1;\n',
      'src/surfaces/canary.ts': "export { canary } from '../adapters/canary.js';\n",
    },
    red: [
      ['tsc', /src\/adapters\/canary\.ts/],
      ['oxlint', /'\.\.\/adapters\/canary\.js' import is restricted/],
      ['architecture test', /src\/surfaces\/canary\.ts:1 imports/],
    ],
  },
  {
    name: 'a circle of types alone',
    plant: {
      'src/core/canary-a.ts': "import type { B } from './canary-b.js';\nexport type A = B | 1;\n",
      'src/core/canary-b.ts': "import type { A } from './canary-a.js';\nexport type B = A[];\n",
    },
    red: [
      ['oxlint', /canary-a\.ts.*import\(no-cycle\)/],
      ['architecture test', /src\/core\/canary-a\.ts/],
    ],
  },
  ...['core', 'ports', 'app'].flatMap((floor) =>
    ['Buffer', 'process', 'console', 'setTimeout', 'fetch'].map((name) => platformName(floor, name)),
  ),
  platformName('core', 'TextEncoder'),
  platformName('core', 'AbortSignal'),
  {
    name: 'a file of 301 lines, any, an async function and a clock in core, a promise that nobody awaits',
    plant: {
      'src/core/canary.ts': `${'\n'.repeat(296)}export const a: any = 1;
export const f = async (): Promise<number> => 1;
export const g = (): void => {
  f();
};
export const now = (): number => Date.now();
export const dice = (): number => Math.random();
`,
    },
    red: [
      ['oxlint', /eslint\(max-lines\)/],
      ['oxlint', /no-explicit-any/],
      ['oxlint', /no-async-await/],
      ['oxlint', /no-floating-promises/],
      ['oxlint', /'Date\.now' is restricted/],
      ['oxlint', /'Math\.random' is restricted/],
      ['architecture test', /none over 300 lines/],
    ],
  },
  {
    name: 'a file that is not formatted',
    plant: { 'src/core/canary.ts': '/** Planted. */\nexport   const canary = 1;\n' },
    red: [['oxfmt', /src\/core\/canary\.ts/]],
  },
  {
    name: 'an export that nobody uses',
    plant: { 'src/core/canary.ts': '/** Planted. */\nexport const canary = 1;\n' },
    red: [['knip', /Unused files[^]*src\/core\/canary\.ts/]],
  },
  {
    name: 'a test whose types do not hold',
    plant: { 'test/canary.test.ts': "export const canary: number = 'one';\n" },
    red: [['tsc of tests', /test\/canary\.test\.ts.*TS2322/]],
  },
  {
    name: 'a failing test',
    plant: {
      'src/core/canary.test.ts': "import { expect, it } from 'vitest';\nit('is planted', () => expect(1).toBe(2));\n",
    },
    red: [['vitest', /1 failed/]],
  },
  {
    name: 'a test that is skipped by focus on another',
    plant: {
      'src/core/canary.test.ts':
        "import { expect, it } from 'vitest';\nit.only('is planted', () => expect(1).toBe(1));\n",
    },
    red: [['oxlint', /no-focused-tests/]],
  },
  {
    name: 'a test that does not await its expectation',
    plant: {
      'src/core/canary.test.ts':
        "import { expect, it } from 'vitest';\nconst ask = async (): Promise<number> => 1;\nit('is planted', () => {\n  ask();\n  expect(1).toBe(1);\n});\n",
    },
    red: [['oxlint', /src\/core\/canary\.test\.ts.*no-floating-promises/]],
  },
  {
    name: 'a test file without a test',
    plant: { 'src/core/canary.test.ts': 'export {};\n' },
    red: [['vitest', /No test suite found/]],
  },
  {
    name: 'core and app are hardly run',
    plant: {
      'src/core/canary.test.ts': "import { expect, it } from 'vitest';\nit('is planted', () => expect(1).toBe(1));\n",
    },
    red: [['coverage', /Coverage for lines \([\d.]+%\) does not meet "src\/core\/\*\*" threshold \(85%\)/]],
  },
];
