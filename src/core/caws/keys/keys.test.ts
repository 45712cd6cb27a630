import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { findSigner, parseAllowedSigners } from './allowed-signers.js';
import { judgeTrust } from './judge-trust.js';
import { matchesPrincipal } from './principal-pattern.js';

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIAAA';

describe('parseAllowedSigners', () => {
  it('reads principals, options, key and comment', () => {
    const text = `# keys\n\n"alice,a lice" namespaces="caws-waiver,caws-review",valid-before="20270101Z" ssh-ed25519 ${key} at home\r\n`;
    expect(parseAllowedSigners(text)).toEqual({
      entries: [
        {
          line: 3,
          principals: ['alice', 'a lice'],
          namespaces: ['caws-waiver', 'caws-review'],
          validAfterMs: null,
          validBeforeMs: Date.UTC(2027, 0),
          keyType: 'ssh-ed25519',
          key,
        },
      ],
      ignored: [],
    });
  });

  it.each([
    [`alice cert-authority ssh-ed25519 ${key}`, 'certificate authority'],
    [`alice magic="x" ssh-ed25519 ${key}`, 'unknown option: magic'],
    [`alice namespaces ssh-ed25519 ${key}`, 'no value for namespaces'],
    [`alice namespaces="a",namespaces="b" ssh-ed25519 ${key}`, 'gives namespaces twice'],
    [`alice valid-after="20260101" ssh-ed25519 ${key}`, 'YYYYMMDD'],
    [`alice valid-after="20260231Z" ssh-ed25519 ${key}`, 'YYYYMMDD'],
    [`alice valid-after="20260102Z",valid-before="20260101Z" ssh-ed25519 ${key}`, 'ends before it begins'],
    [`alice namespaces="a ssh-ed25519 ${key}`, 'cannot be read'],
    [`alice ssh-ed25519 !!`, 'not base64'],
    [`alice ssh-ed25519`, 'not base64'],
    ['alice', 'no key type'],
    [`, ssh-ed25519 ${key}`, 'no principal'],
  ])('lets %j allow nobody, and says why', (line, reason) => {
    const parsed = parseAllowedSigners(line);
    expect(parsed.entries).toEqual([]);
    expect(parsed.ignored[0]?.reason).toContain(reason);
  });

  property.prop([fc.string({ maxLength: 200 })])('is total, and puts each line on one side', (text) => {
    const { entries, ignored } = parseAllowedSigners(text);
    const told = text.split('\n').filter((line) => /[^ \t\r]/.test(line) && !/^[ \t]*#/.test(line));
    expect(entries.length + ignored.length).toBeGreaterThanOrEqual(told.length - 1);
    expect(entries.length + ignored.length).toBeLessThanOrEqual(text.split('\n').length);
  });
});

describe('findSigner', () => {
  it('names a key that several lines allow by the first that does', () => {
    const text = `old valid-before="20200101Z" ssh-ed25519 ${key}\n*@b.org,carol ssh-ed25519 ${key}\n`;
    const use = { namespace: 'n', nowMs: Date.UTC(2026, 0) };
    expect(findSigner(parseAllowedSigners(text), { key, keyId: 'k' }, use)).toEqual({
      state: 'valid',
      signer: 'carol',
      principals: ['*@b.org', 'carol'],
      keyId: 'k',
    });
  });
});

describe('matchesPrincipal', () => {
  it.each([
    [['alice'], 'alice', true],
    [['alice'], 'Alice', false],
    [['*'], '', true],
    [['a*c'], 'abcbc', true],
    [['a?c'], 'ac', false],
    [['*', '!bob'], 'bob', false],
    [['!bob'], 'alice', false],
    [[], 'alice', false],
    [['a*b*c*'], 'a1b2c3', true],
    [['a*b*c'], 'a1b2c3', false],
  ] as const)('%j against %j: %s', (patterns, text, expected) => {
    expect(matchesPrincipal(patterns, text)).toBe(expected);
  });

  it('ends quickly on a pattern made to be slow', () => {
    expect(matchesPrincipal([`${'*a'.repeat(200)}b`], 'a'.repeat(5000))).toBe(false);
  });
});

describe('judgeTrust', () => {
  const keyId = `SHA256:${'a'.repeat(43)}`;
  it.each([
    ['a key of the user who owns the work tree', { keyUid: 1000, keyMode: 0o600, treeUid: 1000 }, [], 'local'],
    ['a key of another user', { keyUid: 1001, keyMode: 0o600, treeUid: 1000 }, [], 'enforcing'],
    ['a key of another user that all can read', { keyUid: 1001, keyMode: 0o644, treeUid: 1000 }, [], 'local'],
    ['a key of the superuser', { keyUid: 0, keyMode: 0o600, treeUid: 1000 }, [], 'enforcing'],
    ['any key beside a work tree of the superuser', { keyUid: 1001, keyMode: 0o600, treeUid: 0 }, [], 'local'],
    ['a key without a work tree to compare with', { keyUid: 1001, keyMode: 0o600, treeUid: null }, [], 'local'],
    ['a key that the base lists', { keyUid: 1000, keyMode: 0o600, treeUid: 1000 }, [keyId], 'enforcing'],
    ['a key where the base lists another', { keyUid: 1000, keyMode: 0o600, treeUid: 1000 }, ['SHA256:b'], 'local'],
  ] as const)('%s is %4$s', (_name, custody, listed, trust) => {
    expect(judgeTrust(keyId, custody, listed)).toBe(trust);
  });
});
