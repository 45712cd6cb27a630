import { describe, expect, it } from 'vitest';
import { waiverStateOf, withdrawalStatement } from './waiver-life.js';

const life = { events: [], uses: 0, maxUses: 1, expiresMs: 100, nowMs: 50 } as const;
const approved = { kind: 'approved' } as const;

describe('waiverStateOf', () => {
  it.each([
    ['proposed', {}],
    ['signed', { events: [approved] }],
    ['consumed', { events: [approved], uses: 1 }],
    ['signed', { events: [approved], uses: 1, maxUses: 2 }],
    ['expired', { events: [approved], nowMs: 100 }],
    ['expired', { expiresMs: null }],
    ['consumed', { events: [approved], uses: 1, nowMs: 200 }],
    ['denied', { events: [{ kind: 'denied' } as const] }],
    ['revoked', { events: [approved, { kind: 'revoked' } as const], uses: 1, nowMs: 200 }],
  ] as const)('is %s for %j', (state, facts) => {
    expect(waiverStateOf({ ...life, ...facts })).toBe(state);
  });
});

describe('withdrawalStatement', () => {
  it('is one line that names the very waiver, and differs for each word', () => {
    expect(withdrawalStatement('denied', 'WV-0001', 'ab')).toBe('arbiter waiver deny: WV-0001 sha256:ab\n');
    expect(withdrawalStatement('revoked', 'WV-0001', 'ab')).toBe('arbiter waiver revoke: WV-0001 sha256:ab\n');
  });
});
