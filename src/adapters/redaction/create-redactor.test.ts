import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createRedactor, cutOut } from './create-redactor.js';
import { isIban } from './own-rules.js';

// Put together from pieces, so that no scanner of sources finds a secret here.
const planted: readonly (readonly [string, string])[] = [
  ['a bare AWS key id', `${'AKIA'}IOSFODNN7EXAMPLQ`],
  ['an AWS secret under its name', `wJalrXUtnFEMI/K7MDENG/${'bPxRfiCYzzzzEXAMKE'}`],
  ['a GitHub token', `${'ghp'}_abcdefghijklmnopqrstuvwxyzABCDEF0123`],
  ['a GitLab token', `${'glpat'}-abcdefghij0123456789`],
  ['an API key of a model', `${'sk'}-proj-abcdefghijklmnopqrstuvwx`],
  ['a Slack token', `${'xoxb'}-1234567890-abcdefghijkl`],
  ['a JSON web token', `${'eyJ'}hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P`],
  ['an e-mail address', 'jane.doe@acme-corp.org'],
  ['a phone number', '+1 415 555 2671'],
  ['a credit card', '4111 1111 1111 1111'],
  ['an IBAN', 'DE89 3704 0044 0532 0130 00'],
  ['a social security number', '123-45-6789'],
  ['a street address', '12 Main Street'],
];

const redactor = createRedactor();

describe('the redactor', () => {
  it.each(planted)('takes out %s', async (what, secret) => {
    const name = what.endsWith('under its name') ? 'aws_secret_access_key = ' : '';
    const text = `Make the client use ${name}${secret} and ask nobody; contact ${secret} then.`;
    const found = await redactor.redact(text);
    expect(found.text).not.toContain(secret);
    expect(found.text).toMatch(/^Make the client use .* and ask nobody; contact .* then\.$/);
    expect(Object.values(found.removed).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
  });

  it.each([
    ['a password', 'password: hunter2-hunter2', 'hunter2-hunter2'],
    ['a password in words', 'the password is correct-horse', 'correct-horse'],
    ['credentials in an address', 'postgres://app:s3cr3tpw@db.internal/main', 's3cr3tpw'],
    ['a bearer token', 'Authorization: Bearer abcdef0123456789abcdef', 'abcdef0123456789abcdef'],
    ['the owner of a home folder', 'see /home/janedoe/project/a.ts', 'janedoe'],
    ['who signed off', 'fix it\nSigned-off-by: Jane Doe <x>', 'Jane Doe'],
    ['who says his name', 'My name is Jane Doe and I want it', 'Jane Doe'],
    [
      'a private key whose end is cut off',
      `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\nb3BlbnNzaC1rZXk`,
      'b3BlbnNzaC1rZXk',
    ],
  ])('takes out %s', async (_what, text, secret) => {
    expect((await redactor.redact(text)).text).not.toContain(secret);
  });

  it.each([
    'Fix the parser so that it refuses files larger than 64 MiB; run npm test in src/core/tasks.ts and retry 5 times.',
    'src/add.js: the sum of 2 and 2 is 5; 12 tests of 415 failed in 3.21 s (port 5432) on 127.0.0.1.',
    'Commit 4d8bcb9f882720a1b2c3 of task 01JDQ5E4M0ABCDEFGHJKMNPQRS: a token of the lexer and its position',
    'Add tokenize() and a password field to the form',
  ])('leaves as it is: %s', async (text) => {
    expect(await redactor.redact(text)).toEqual({ text, removed: {} });
  });

  it('stores nothing that it could not look through', async () => {
    const broken = createRedactor(() => Promise.reject(new Error('not installed')));
    expect(await broken.redact('harmless')).toEqual({ text: '', removed: { unreadable: 1 } });
    const stumbles = createRedactor(async () => [() => Promise.reject(new Error('too long'))]);
    expect(await stumbles.redact('harmless')).toEqual({ text: '', removed: { unreadable: 1 } });
  });

  test.prop([
    fc.string({ maxLength: 60 }),
    fc.array(fc.record({ from: fc.nat(70), length: fc.integer({ min: 1, max: 20 }) })),
  ])('keeps every character outside the stretches, and none inside them', (text, raw) => {
    const stretches = raw.map(({ from, length }) => ({ kind: 'x', from, to: from + length }));
    const inside = (index: number): boolean =>
      stretches.some(({ from, to }) => to <= text.length && index >= from && index < to);
    const kept = [...Array(text.length).keys()].filter((index) => !inside(index)).map((index) => text[index]);
    expect(cutOut(text, stretches).text.replaceAll('[x]', '')).toBe(kept.join('').replaceAll('[x]', ''));
  });

  it('knows an IBAN by its check digits', () => {
    expect([isIban('DE89370400440532013000'), isIban('DE88370400440532013000')]).toEqual([true, false]);
  });
});
