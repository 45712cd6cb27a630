import { describe, expect, it } from 'vitest';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import { composeProfile } from './compose-profile.js';

const pi: AgentProfile = agentProfileSchema.parse({
  name: 'pi',
  kind: 'cli',
  program: 'pi',
  model: 'some-model',
  endpoint: { protocol: 'openai-chat', base_url: 'https://models.example/v1', key_env: 'MODEL_KEY' },
});
const suggest = (program: string, kind: string): AgentProfile | null =>
  program === 'pi' && kind === 'cli' ? pi : null;

describe('agents add', () => {
  it('takes a known program by its name, and what is said outranks it', () => {
    expect(composeProfile({ name: 'pi' }, suggest)).toEqual(pi);
    const mine = composeProfile(
      { name: 'mine', program: 'pi', model: 'other', endpoint: 'http://127.0.0.1:1/v1' },
      suggest,
    );
    expect(mine).toMatchObject({ name: 'mine', program: 'pi', model: 'other' });
    expect(mine.endpoint).toEqual({ protocol: 'openai-chat', base_url: 'http://127.0.0.1:1/v1', key_env: 'MODEL_KEY' });
  });

  it('tells the kind by what is given', () => {
    const said = { name: 'a', endpoint: 'http://127.0.0.1:1/v1', model: 'm' };
    expect(composeProfile(said, suggest).kind).toBe('model');
    expect(composeProfile({ name: 'a', file: '/x/tiny.gguf' }, suggest).kind).toBe('llama');
    expect(composeProfile({ name: 'a', file: '/x/rec.json' }, suggest).kind).toBe('replay');
    expect(composeProfile({ name: 'a', command: ['aider', '{prompt}'] }, suggest)).toMatchObject({
      kind: 'cli',
      program: null,
    });
  });

  it('keeps prices as whole micro-dollars for a million tokens', () => {
    expect(composeProfile({ name: 'pi', priceIn: 0.27, priceOut: 1.1 }, suggest).price).toEqual({
      input: 270_000,
      output: 1_100_000,
    });
  });

  it.each([
    [{ name: 'nobody' }, 'needs a command'],
    [{ name: 'a', program: 'nobody' }, 'no known program'],
    [{ name: 'a', kind: 'model' as const, model: 'm' }, 'needs an endpoint and a model'],
    [{ name: 'a', kind: 'replay' as const }, 'needs a file'],
    [{ name: 'Not A Name', command: ['x'] }, 'no agent can be made'],
    [{ name: 'a', command: ['x'], endpoint: 'ftp://x' }, 'no agent can be made'],
    [{ name: 'a', command: ['x'], endpoint: 'https://x', keyEnv: 'sk-secret' }, 'no agent can be made'],
  ])('refuses %j and says what is missing', (said, message) => {
    expect(() => composeProfile(said, suggest)).toThrow(message);
  });
});
