import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../base64.js';
import { encodeUtf8 } from '../../digest.js';
import { findSigner, parseAllowedSigners } from './allowed-signers.js';
import { addSigner, endSigner, rotateSigner } from './edit-signers.js';
import { keyIdOf } from './key-id.js';
import { keyOwnerSchema, nameKey, readKeyName, retiredSuffix, signerOfRole } from './key-role.js';
import { listKeys } from './list-keys.js';
import { addRevocation, markRevoked, renderRevocations, revocationOf, revocationsSchema } from './revocations.js';
import { findShowing } from './sandbox-reach.js';
import { findSharing, ignoreSharedKeys } from './shared-keys.js';

const key = (name: string): string => encodeBase64(encodeUtf8(`key of ${name}`));
const line = (name: string): string => `ssh-ed25519 ${key(name)}`;
const at = Date.UTC(2026, 10, 27, 9, 0, 0);
const idOf = (name: string): string => keyIdOf(key(name)) ?? '';
const revocation = (name: string, size: number) => ({
  key_id: idOf(name),
  as_of_size: size,
  revoked_at: '2026-11-27T09:00:00.000Z',
  reason: null,
});

describe('key files', () => {
  it.each([
    ['root', { role: 'root', owner: null, stage: 'current' }],
    ['verdict.next', { role: 'verdict', owner: null, stage: 'next' }],
    ['log.retired-abc_-1', { role: 'log', owner: null, stage: 'retired' }],
    ['waiver-ada@example.org', { role: 'waiver', owner: 'ada@example.org', stage: 'current' }],
    ['waiver-a.b.retired-x', { role: 'waiver', owner: 'a.b', stage: 'retired' }],
    ['verdict.pub', null],
    ['waiver-', null],
    ['id_ed25519', null],
    ['.signing-0123', null],
  ])('%s says what the key is for', (name, said) => {
    expect(readKeyName(name)).toEqual(said);
  });

  property.prop([fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,20}$/)])(
    'every name taken is read back',
    (owner) => {
      fc.pre(keyOwnerSchema.safeParse(owner).success);
      const name = nameKey('waiver', owner);
      expect(readKeyName(name)).toEqual({ role: 'waiver', owner, stage: 'current' });
      expect(readKeyName(`${name}.next`)).toEqual({ role: 'waiver', owner, stage: 'next' });
      expect(readKeyName(`${name}${retiredSuffix(idOf(owner))}`)).toEqual({ role: 'waiver', owner, stage: 'retired' });
    },
  );

  it.each(['', '../x', 'a b', 'ada.pub', 'ada.next', 'ada.retired-1', 'arbiter', 'arbiter-log', 'a\n', '*'])(
    'no person is called %j',
    (name) => {
      expect(keyOwnerSchema.safeParse(name).success).toBe(false);
    },
  );
});

describe('editing allowed_signers', () => {
  const text = `# ours\narbiter namespaces="caws-verdict" ${line('v')} laptop\n"ada,a b" ${line('ada')}\nbroken line\n`;

  it('adds a line once, and leaves the rest byte for byte', () => {
    const added = addSigner(text, { principal: 'arbiter-log', namespaces: ['caws-log'], publicKey: line('l') });
    expect(added).toBe(`${text}arbiter-log namespaces="caws-log" ${line('l')}\n`);
    expect(addSigner(added, { principal: 'x', namespaces: ['y'], publicKey: line('l') })).toBe(added);
    expect(addSigner('# no end', { principal: 'x', namespaces: ['y'], publicKey: line('l') })).toContain(
      '# no end\nx ',
    );
  });

  it('ends a line and keeps its comment', () => {
    expect(endSigner(text, key('v'), at + 999)).toBe(
      text.replace('"caws-verdict" ', '"caws-verdict",valid-before="20261127090000Z" '),
    );
    expect(endSigner(text, key('ada'), at)).toContain(`"ada,a b" valid-before="20261127090000Z" ${line('ada')}\n`);
    const ended = endSigner(text, key('v'), at);
    expect(endSigner(ended, key('v'), at + 5000)).toBe(ended);
    expect(endSigner(text, key('nobody'), at)).toBe(text);
  });

  it('never writes a line that ends before it begins, at which ssh-keygen would stop reading', () => {
    const young = `arbiter valid-after="20261127090000Z" ${line('v')}\n`;
    expect(endSigner(young, key('v'), at - 1000)).toBe(`arbiter valid-before="20261127085959Z" ${line('v')}\n`);
  });

  it('rotates: the old one ends as the new one begins; again changes nothing', () => {
    const rotated = rotateSigner(text, key('v'), line('w'), at) ?? '';
    expect(rotated).toContain(`arbiter namespaces="caws-verdict",valid-before="20261127090000Z" ${line('v')} laptop\n`);
    expect(rotated).toContain(`arbiter namespaces="caws-verdict",valid-after="20261127090000Z" ${line('w')}\n`);
    expect(rotateSigner(rotated, key('v'), line('w'), at + 60_000)).toBe(rotated);
    expect(rotateSigner(text, key('nobody'), line('w'), at)).toBeNull();
  });

  property.prop([
    fc.array(fc.constantFrom('v', 'w', 'x'), { minLength: 1, maxLength: 6 }),
    fc.constantFrom('v', 'w', 'x'),
    fc.integer({ min: 0, max: 4e12 }),
  ])('ends every line of one key and touches no other', (names, ended, now) => {
    const before = names.map((name) => `p namespaces="n" ${line(name)}`).join('\n');
    const parsed = parseAllowedSigners(endSigner(before, key(ended), now));
    expect(parsed.ignored).toEqual([]);
    expect(parsed.entries.map((entry) => entry.validBeforeMs)).toEqual(
      names.map((name) => (name === ended ? Math.floor(now / 1000) * 1000 : null)),
    );
  });
});

describe('revocations', () => {
  const one = addRevocation({ version: 1, revoked: [] }, revocation('v', 10));

  it('become stricter and never looser', () => {
    expect(addRevocation(one, revocation('v', 20))).toBe(one);
    expect(revocationOf(addRevocation(one, revocation('v', 5)), idOf('v'))?.as_of_size).toBe(5);
    expect(revocationOf({ version: 1, revoked: [revocation('v', 9), revocation('v', 3)] }, idOf('v'))?.as_of_size).toBe(
      3,
    );
    expect(revocationOf(one, idOf('w'))).toBeNull();
  });

  it.each([
    { version: 2, revoked: [] },
    { version: 1, revoked: [{ ...revocation('v', 1), as_of_size: -1 }] },
    { version: 1, revoked: [{ ...revocation('v', 1), as_of_size: 1.5 }] },
    { version: 1, revoked: [{ ...revocation('v', 1), key_id: 'SHA256:short' }] },
    { version: 1, revoked: [{ ...revocation('v', 1), more: true }] },
    { version: 1 },
  ])('refuses what is none: %j', (value) => {
    expect(revocationsSchema.safeParse(value).success).toBe(false);
  });

  it('are written in one spelling, whatever the reason says', () => {
    const text = renderRevocations({
      version: 1,
      revoked: [{ ...revocation('v', 7), reason: 'a "laptop"\nssh-ed25519 A' }],
    });
    expect(text).toContain('reason: "a \\"laptop\\"\\nssh-ed25519 A"\n');
    expect(renderRevocations({ version: 1, revoked: [] })).toMatch(/^# .*\nversion: 1\nrevoked: \[\]\n$/);
    expect(parseAllowedSigners(text).entries).toEqual([]);
  });

  property.prop([fc.nat(100), fc.option(fc.nat(200), { nil: null }), fc.boolean()])(
    'let a key sign what is known to stand below the size, and nothing else, whatever the clock says',
    (size, ledgerIndex, isEnded) => {
      const text = `p ${isEnded ? 'valid-before="20200101Z" ' : ''}${line('v')}\n`;
      const marked = markRevoked(parseAllowedSigners(text), { version: 1, revoked: [revocation('v', size)] });
      const use = { namespace: 'n', nowMs: at, ledgerIndex };
      const { state } = findSigner(marked, { key: key('v'), keyId: idOf('v') }, use);
      expect(state).toBe(ledgerIndex !== null && ledgerIndex < size ? 'valid' : 'revoked-key');
    },
  );

  it('leave other keys alone, and decide nothing about namespaces', () => {
    const marked = markRevoked(parseAllowedSigners(`p namespaces="n" ${line('v')}\nq ${line('w')}\n`), one);
    const state = (name: string, namespace: string) =>
      findSigner(marked, { key: key(name), keyId: idOf(name) }, { namespace, nowMs: at, ledgerIndex: 3 }).state;
    expect([state('v', 'n'), state('v', 'm'), state('w', 'm')]).toEqual(['valid', 'wrong-namespace', 'valid']);
  });
});

describe('one key a role', () => {
  it.each([
    ['in one line', `arbiter namespaces="caws-verdict,caws-waiver" ${line('v')}`],
    ['in two lines', `arbiter namespaces="caws-verdict" ${line('v')}\nada namespaces="caws-waiver" ${line('v')}`],
    ['by a pattern', `arbiter namespaces="caws-*" ${line('v')}`],
    ['by a line for anything', `arbiter namespaces="caws-log" ${line('v')}\nada ${line('v')}`],
    ['with commits', `arbiter namespaces="caws-verdict,git" ${line('v')}`],
  ])('a machine’s key let into two roles %s allows nobody', (_name, text) => {
    const judged = ignoreSharedKeys(parseAllowedSigners(`${text}\nbob namespaces="caws-waiver" ${line('bob')}\n`));
    expect(judged.entries.map(({ key: left }) => left)).toEqual([key('bob')]);
    expect(judged.ignored[0]?.reason).toContain('several roles');
  });

  it.each([
    `arbiter namespaces="caws-verdict" ${line('v')}\narbiter namespaces="caws-verdict" ${line('v')}`,
    `ada namespaces="caws-waiver,caws-review,git" ${line('v')}`,
    `ada ${line('v')}`,
  ])('its honest twin stays: %s', (text) => {
    const parsed = parseAllowedSigners(text);
    expect(ignoreSharedKeys(parsed)).toEqual(parsed);
  });

  it('names the two that share', () => {
    const of = (holder: string, ...publicKeys: string[]) => ({ title: holder, holder, publicKeys });
    expect(findSharing([of('a', '1'), of('b', '2'), of('a', '1')])).toBeNull();
    expect(findSharing([of('a', '1'), of('b', '2', '1')])).toMatchObject({
      one: { title: 'a' },
      other: { title: 'b' },
    });
  });

  it('gives each role a namespace that no other has', () => {
    const roles = (['verdict', 'log', 'publish', 'witness', 'waiver'] as const).map((role) =>
      signerOfRole(role, 'ada'),
    );
    const namespaces = roles.flatMap((signer) => signer?.namespaces ?? []);
    expect(new Set(namespaces).size).toBe(namespaces.length);
    expect(signerOfRole('root', null)).toBeNull();
  });
});

describe('what a sandbox shows', () => {
  const shown = [
    { path: '/usr', why: 'system' },
    { path: '/opt/agent/bin', why: 'agent' },
  ];
  it.each([
    ['/usr/share/key', 'system'],
    ['/usr', 'system'],
    ['/opt/agent/bin', 'agent'],
    ['/usrlocal/key', undefined],
    ['/opt/agent', undefined],
    ['/home/ada/key', undefined],
  ])('%s: %s', (place, why) => {
    expect(findShowing(['/elsewhere', place], shown)?.why).toBe(why);
  });
  it('the whole disk shows everything', () => {
    expect(findShowing(['/home/ada/key'], [{ path: '/', why: 'all' }])?.why).toBe('all');
  });
});

describe('listKeys', () => {
  it('tells current, coming, retired and revoked keys apart, here and elsewhere', () => {
    const file = (role: 'verdict' | 'log', stage: 'current' | 'next' | 'retired', name: string) => {
      return { role, owner: null, stage, path: `/k/${name}`, keyId: idOf(name), uid: 1, mode: 0o600, problem: null };
    };
    const text = [
      `arbiter namespaces="caws-verdict",valid-before="20261127085900Z" ${line('v1')}`,
      `arbiter namespaces="caws-verdict",valid-after="20261127085900Z" ${line('v2')}`,
      `ada namespaces="caws-waiver" ${line('ada')}`,
      `arbiter-log namespaces="caws-log",valid-before="20200101Z" ${line('l')}`,
    ].join('\n');
    const revocations = { version: 1 as const, revoked: [revocation('ada', 4)] };
    const files = [
      file('verdict', 'retired', 'v1'),
      file('verdict', 'current', 'v2'),
      file('verdict', 'next', 'v3'),
      file('log', 'current', 'l'),
    ];
    const rows = listKeys(files, { entries: parseAllowedSigners(text).entries, revocations, nowMs: at });
    expect(rows.map(({ role, state, since, until, asOfSize }) => [role, state, since, until, asOfSize])).toEqual([
      ['verdict', 'retired', null, '2026-11-27T08:59:00.000Z', null],
      ['verdict', 'current', '2026-11-27T08:59:00.000Z', null, null],
      ['verdict', 'next', null, null, null],
      ['log', 'retired', null, '2020-01-01T00:00:00.000Z', null],
      ['waiver', 'revoked', null, null, 4],
    ]);
    expect(rows.map(({ file: path, safe }) => [path, safe])).toEqual([
      ['/k/v1', true],
      ['/k/v2', true],
      ['/k/v3', true],
      ['/k/l', true],
      [null, null],
    ]);
  });
});
