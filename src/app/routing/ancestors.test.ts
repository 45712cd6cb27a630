import { expect, it } from 'vitest';
import { agentProfileSchema } from '../../core/registry/agent-profile.js';
import type { VersionFacts } from '../registry/registry-facts.js';
import { ancestorsOf } from './ancestors.js';

function family(parents: Readonly<Record<string, readonly [string | null, number]>>) {
  const versions = Object.entries(parents).map(([version, [parent, discount]]): [string, VersionFacts] => {
    const profile = agentProfileSchema.parse({ name: 'pi', kind: 'cli', version });
    const record = { version, parent, discount, made_ms: 1, profile, inherited: {} };
    return [version, { record, histories: new Map(), performance: new Map() }];
  });
  return { versions: new Map([['pi', new Map(versions)]]) };
}

it('takes a discount off for each version on the way, and ends where nothing is left, unknown, or seen before', () => {
  const facts = family({ '1': [null, 0], '2': ['1', 0.5], '3': ['2', 0.4], '4': ['3', 0.2] });
  const of = (version: string, name = 'pi') => ancestorsOf(facts, { agent: name, version, model: '' });
  expect(of('3')).toEqual([
    { key: 'pi@2', weight: 0.4 },
    { key: 'pi@1', weight: 0.2 },
  ]);
  // The same version while it stands beside the one in use.
  expect(of('3', 'pi@3')).toEqual(of('3'));
  expect(of('4')).toEqual([
    { key: 'pi@3', weight: 0.2 },
    { key: 'pi@2', weight: expect.closeTo(0.08) as number },
  ]);
  expect([of('1'), of('9'), of('1', 'nobody')]).toEqual([[], [], []]);
  const circle = family({ '1': ['2', 1], '2': ['1', 1] });
  expect(ancestorsOf(circle, { agent: 'pi', version: '1', model: '' })).toEqual([{ key: 'pi@2', weight: 1 }]);
});
