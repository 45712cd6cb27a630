import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { AgentEntry } from './agent-entry.js';
import { agentProfileSchema } from './agent-profile.js';
import { agentNeedSchema, mismatchesOf } from './capability-match.js';
import { noLoad } from './load.js';
import {
  type RegistrySnapshot,
  allAgents,
  findAgent,
  queryAgents,
  takeSnapshot,
  withAgent,
  withoutAgent,
} from './snapshot.js';
import { agentStatusSchema } from './status.js';

const words = (...of: string[]) => fc.uniqueArray(fc.constantFrom(...of), { maxLength: 2 });
const maybe = <One>(of: fc.Arbitrary<One>) => fc.option(of, { nil: undefined });
const entry: fc.Arbitrary<AgentEntry> = fc
  .record({
    name: fc.constantFrom(...Array.from({ length: 50 }, (_, index) => `agent-${index}`)),
    status: fc.constantFrom(...agentStatusSchema.options),
    residency: words('eu', 'us', 'local'),
    context: fc.option(fc.constantFrom(8000, 200_000)),
    capabilities: fc.record({
      task_types: words('code-editing', 'data-analysis'),
      languages: words('go', 'rust', 'c++'),
      specialisations: words('sql', 'parsers'),
      more: fc.record({ gpu: words('a100') }, { requiredKeys: [] }),
    }),
  })
  .map(({ name, status, residency, context, capabilities }) => ({
    profile: agentProfileSchema.parse({
      name,
      kind: 'replay',
      residency,
      capabilities,
      limits: { context_tokens: context },
    }),
    status,
    load: noLoad,
    health: { heard_ms: 0, probation: 0 },
    performance: new Map(),
  }));
const need = fc
  .record(
    {
      task_type: fc.constantFrom('code-editing', 'data-analysis', 'cooking'),
      languages: words('go', 'rust', 'c++', 'cobol'),
      specialisations: words('sql', 'parsers'),
      residency: words('eu', 'us', 'moon'),
      context_tokens: fc.constantFrom(0, 8001),
      more: fc.record({ gpu: fc.constantFrom('a100', 'h100') }, { requiredKeys: [] }),
      statuses: fc.uniqueArray(fc.constantFrom(...agentStatusSchema.options), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  .map((said) => agentNeedSchema.parse(said));
const changes = fc.array(fc.record({ entry, remove: maybe(fc.constant(true)) }), { maxLength: 120 });
type Changes = readonly { entry: AgentEntry; remove?: boolean | undefined }[];

function apply(snapshot: RegistrySnapshot, all: Changes): RegistrySnapshot {
  return all.reduce(
    (before, { entry: one, remove }) =>
      remove === true ? withoutAgent(before, one.profile.name) : withAgent(before, one),
    snapshot,
  );
}

describe('registry snapshot', () => {
  test.prop([changes, need])('answers what asking each agent alone would', (all, asked) => {
    const snapshot = apply(takeSnapshot([]), all);
    const wanted = allAgents(snapshot).filter((one) => mismatchesOf(one.profile, one.status, asked).length === 0);
    expect(queryAgents(snapshot, asked)).toEqual(wanted);
    expect(snapshot.size).toBe(allAgents(snapshot).length);
  });

  test.prop([changes, changes, need])('never changes once it was taken', (first, then, asked) => {
    const snapshot = apply(takeSnapshot([]), first);
    const before = [queryAgents(snapshot, asked), allAgents(snapshot), snapshot.size];
    apply(snapshot, then);
    expect([queryAgents(snapshot, asked), allAgents(snapshot), snapshot.size]).toEqual(before);
  });

  test.prop([fc.uniqueArray(entry, { selector: (one) => one.profile.name, maxLength: 40 }), need])(
    'is the same taken at once or agent by agent',
    (entries, asked) => {
      const grown = apply(
        takeSnapshot([]),
        entries.map((one) => ({ entry: one })),
      );
      expect(queryAgents(takeSnapshot(entries), asked)).toEqual(queryAgents(grown, asked));
      for (const one of entries) expect(findAgent(grown, one.profile.name)).toBe(one);
    },
  );

  it('knows nobody when it is empty', () => {
    expect(queryAgents(takeSnapshot([]), agentNeedSchema.parse({}))).toEqual([]);
    expect(findAgent(takeSnapshot([]), 'anybody')).toBeUndefined();
  });

  it('says all that keeps an agent from a task', () => {
    const profile = agentProfileSchema.parse({
      name: 'a',
      kind: 'replay',
      capabilities: { languages: ['go'] },
      limits: { context_tokens: 1000 },
    });
    const asked = agentNeedSchema.parse({ languages: ['go', 'rust'], residency: ['eu'], context_tokens: 2000 });
    expect(mismatchesOf(profile, 'draining', asked)).toEqual([
      { part: 'language', wanted: 'rust', has: 'go' },
      { part: 'residency', wanted: 'eu', has: 'not known' },
      { part: 'context', wanted: '2000', has: '1000' },
      { part: 'status', wanted: 'available', has: 'draining' },
    ]);
  });
});
