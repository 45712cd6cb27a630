import { describe, expect, it } from 'vitest';
import { agentProfileSchema } from './agent-profile.js';

/** As Arbiter 0.2.0 stored it. */
const old = {
  name: 'pi',
  kind: 'cli',
  program: 'pi',
  command: [],
  model: 'some-model',
  endpoint: null,
  price: null,
  file: null,
  limits: { concurrency: 2, per_minute: null, context_tokens: null },
};

describe('agent profile', () => {
  it('goes on reading what an earlier Arbiter stored', () => {
    expect(agentProfileSchema.parse(old)).toEqual({
      ...old,
      version: '1',
      family: null,
      capabilities: { task_types: [], languages: [], specialisations: [], more: {} },
      residency: [],
      status: 'available',
    });
  });

  it.each([
    [{ version: 'a@b' }, 'version'],
    [{ version: '' }, 'version'],
    [{ status: 'busy' }, 'status'],
    [{ residency: ['EU'] }, 'residency'],
    [{ capabilities: { languages: ['Type Script'] } }, 'capabilities'],
    [{ capabilities: { tongues: ['fr'] } }, 'capabilities'],
  ])('refuses %j', (more, at) => {
    const parsed = agentProfileSchema.safeParse({ ...old, ...more });
    expect(parsed.error?.issues[0]?.path[0]).toBe(at);
  });

  it('takes what a house adds of its own', () => {
    const more = { gpu: ['a100', 'h100'] };
    expect(agentProfileSchema.parse({ ...old, capabilities: { more } }).capabilities.more).toEqual(more);
  });
});
