import { describe, expect, it } from 'vitest';
import { findingOf } from '../../core/caws/finding.js';
import type { Constitution } from '../adjudicate/admit.js';
import { createHeldCases } from './held-cases.js';

const place = { id: '01J00000000000000000000000', base: 'a'.repeat(40), spec_id: 'POST-001' };
const law = { findings: [] } as unknown as Constitution;
const rule = { id: 'policy.invalid', clause: 'c', severity: 'block', why: 'w', mend: 'm' } as const;

describe('createHeldCases', () => {
  it('hands on the law of the very task, base and spec until it is forgotten', () => {
    const held = createHeldCases();
    held.keepLaw(place, law);
    expect(held.findLaw({ ...place })).toBe(law);
    expect(held.findLaw({ ...place, base: 'b'.repeat(40) })).toBeNull();
    expect(held.findLaw({ ...place, spec_id: null })).toBeNull();
    expect(held.findLaw({ ...place, id: '01J00000000000000000000001' })).toBeNull();
    held.forgetLaw(place);
    expect(held.findLaw(place)).toBeNull();
  });

  it('never hands on a law that is not valid: its configuration would be the default one', () => {
    const held = createHeldCases();
    held.keepLaw(place, { ...law, findings: [findingOf(rule, 'not a policy')] });
    expect(held.findLaw(place)).toBeNull();
  });
});
