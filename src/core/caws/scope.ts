import { compileProtectedPaths } from './protected-paths.js';
import { compilePatterns } from './scope-pattern.js';
import type { WorkingSpec } from './working-spec.js';

/** Where a path stands. @see constitution §3 part 2 for the order */
export type Standing = 'protected' | 'non-governed' | 'out' | 'in' | 'support' | 'violation';

/**
 * Compiles the order of constitution §3 part 2 into one function: protected → non-governed zones → scope.out →
 * scope.in → support → violation. The lexical check comes before it (`refusePath`). Without a spec only protected
 * paths are known, and every other path is `in`.
 */
export function compileScope(input: {
  readonly scope: WorkingSpec['scope'] | null;
  readonly nonGovernedZones: readonly string[];
  readonly rootPassthrough: readonly string[];
  readonly protectedPaths: readonly string[];
}): (path: string) => Standing {
  const isProtected = compileProtectedPaths(input.protectedPaths);
  if (input.scope === null) return (path) => (isProtected(path) ? 'protected' : 'in');
  const { scope } = input;
  const passthrough = new Set(input.rootPassthrough);
  const steps: readonly [Standing, (path: string) => boolean][] = [
    ['protected', isProtected],
    ['non-governed', compilePatterns(input.nonGovernedZones)],
    ['out', compilePatterns(scope.out)],
    ['in', compilePatterns(scope.in)],
    ['support', compilePatterns(scope.support)],
    ['support', (path) => passthrough.has(path)],
  ];
  return (path) => steps.find(([, matches]) => matches(path))?.[0] ?? 'violation';
}
