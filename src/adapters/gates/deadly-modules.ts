import type { GateConfig } from '../../core/caws/arbiter-config.js';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import type { TripwirePlace } from '../../core/caws/gate/tripwire/tripwire-place.js';
import type { Deliberation } from './deliberation.js';
import { runTests } from './test-run.js';

const triedAtMost = 10;

/**
 * Of the modules that the base has too, those at whose import the base's own run loses its tripwire: programs that end
 * or hold their process. Empty when the base bears all of them, and then it is the change that silences the run.
 */
export async function modulesThatEndTheRun(
  { room, basePaths }: Deliberation,
  gate: GateConfig,
  framework: TestFramework,
  places: readonly TripwirePlace[],
  modules: readonly string[],
): Promise<readonly string[]> {
  const known = modules.filter((module) => basePaths.includes(module));
  const diesOf = async (some: readonly string[]): Promise<boolean> => {
    const task = {
      gate,
      framework,
      side: 'base',
      overlay: new Map(),
      places: places.filter(({ file }) => file === null),
    } as const;
    const result = await runTests(room, { ...task, modules: some });
    return result.problem !== null || !result.alive;
  };
  if (known.length === 0 || !(await diesOf(known))) return [];
  const deadly: string[] = [];
  for (const module of known.slice(0, triedAtMost)) if (await diesOf([module])) deadly.push(module);
  return deadly;
}
