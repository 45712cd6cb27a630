import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { AgentEntry } from '../../src/core/registry/agent-entry.js';
import { type AgentNeed, agentNeedSchema } from '../../src/core/registry/capability-match.js';
import { noLoad } from '../../src/core/registry/load.js';

const taskTypes = ['code-editing', 'research-assistant', 'data-analysis'];
const languages = ['typescript', 'python', 'go', 'rust', 'java', 'c++', 'ruby', 'php'];
const places = ['eu', 'us', 'local'];

/** The `index`th of a list, round and round. */
function pick<One>(list: readonly [One, ...One[]] | readonly One[], index: number): One {
  const found = list[index % list.length];
  if (found === undefined) throw new RangeError('an empty list');
  return found;
}

/**
 * Agent number `index`: one or two task types, three languages of eight (every tenth says nothing of either), one place,
 * every twentieth not available. A mixed fleet, the same each time.
 */
export function agentOf(index: number): AgentEntry {
  const says = index % 10 > 0;
  const profile = agentProfileSchema.parse({
    name: `agent-${index}`,
    kind: 'replay',
    capabilities: says
      ? {
          task_types: [pick(taskTypes, index), ...(index % 4 === 0 ? [pick(taskTypes, index + 1)] : [])],
          languages: [pick(languages, index), pick(languages, index + 3), pick(languages, index * 7 + 5)].filter(
            (one, at, all) => all.indexOf(one) === at,
          ),
        }
      : {},
    residency: [pick(places, index)],
    limits: { context_tokens: index % 3 === 0 ? 32_000 : 200_000 },
  });
  return {
    profile,
    status: index % 20 === 19 ? 'busy' : 'available',
    load: noLoad,
    health: { heard_ms: 0, probation: 0 },
    performance: new Map(),
  };
}

/** Questions as the router asks them: a task type and one or two languages, every fourth with a place, every fifth long. */
export const needs: readonly AgentNeed[] = Array.from({ length: 240 }, (_, index) =>
  agentNeedSchema.parse({
    task_type: pick(taskTypes, index),
    languages: index % 2 > 0 ? [pick(languages, index)] : [pick(languages, index), pick(languages, index + 3)],
    residency: index % 4 === 0 ? [pick(places, index)] : [],
    context_tokens: index % 5 === 0 ? 100_000 : 0,
  }),
);
