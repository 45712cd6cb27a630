import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { arbiterConfigSchema } from './arbiter-config.js';
import { detectStack } from './detect-stack.js';
import { checkPolicy } from './dialects/check-value.js';
import { renderArbiterConfig, renderPolicy } from './render-setup.js';

describe('what arbiter init writes', () => {
  it.each(['B', 'C'] as const)('is a policy of dialect %s', (dialect) =>
    expect(checkPolicy(parse(renderPolicy()), dialect).errors).toEqual([]),
  );

  it('is a configuration, with and without a stack', () => {
    const stack = detectStack({
      names: [],
      packageJson: '{"scripts":{"test":"node --test"}}',
      pyproject: null,
      makefile: null,
    });
    const config = arbiterConfigSchema.parse(parse(renderArbiterConfig(stack, { sandbox: 'none' })));
    expect(config.sandbox).toBe('none');
    expect(config.gates).toEqual(arbiterConfigSchema.parse({ version: 1, gates: stack?.gates }).gates);
    expect(arbiterConfigSchema.parse(parse(renderArbiterConfig(null, { sandbox: 'bubblewrap' }))).gates).toEqual({});
  });
});
