/** Stands for a test framework's module until its member is known. */
const frameworkRoot = '@framework';

const frameworks = new Set([
  'node:test',
  'vitest',
  '@jest/globals',
  'jest',
  'mocha',
  'chai',
  'bun:test',
  '@playwright/test',
  'ava',
  'tape',
  'tap',
  'uvu',
  'uvu/assert',
  '@japa/runner',
  'should',
]);

const builtins = new Set(
  (
    'assert async_hooks buffer child_process cluster console crypto diagnostics_channel dns events fs http http2 https ' +
    'inspector module net os path perf_hooks process querystring readline repl stream string_decoder timers tls tty url ' +
    'util v8 vm wasi worker_threads zlib'
  ).split(' '),
);

const frameworkMembers = new Set(
  (
    'test it describe suite context specify expect assert should mock vi jest before after beforeEach afterEach beforeAll ' +
    'afterAll run xit fit xdescribe fdescribe xtest bench chai expectTypeOf assertType'
  ).split(' '),
);

/** The canonical name of a built-in module or a test framework, or null for any other module. */
export function moduleSegments(module: string): readonly string[] | null {
  if (frameworks.has(module)) return [frameworkRoot];
  const name = module.startsWith('node:') ? module.slice('node:'.length) : module;
  const segments = name.split('/');
  if (!builtins.has(segments[0] ?? '')) return null;
  return name === 'module' ? ['Module'] : segments;
}

/** Puts the framework's own names for `@framework`, and drops the `default` of a module. */
export function settleModule(segments: readonly string[]): readonly string[] {
  const rest = segments[1] === 'default' ? [segments[0] ?? '', ...segments.slice(2)] : segments;
  if (rest[0] !== frameworkRoot) return rest;
  return frameworkMembers.has(rest[1] ?? '') ? rest.slice(1) : ['test', ...rest.slice(1)];
}
