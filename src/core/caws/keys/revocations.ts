import { z } from 'zod';
import { doubleQuoted } from '../verdict/double-quoted.js';
import type { AllowedSigners } from './allowed-signers.js';
import { keyIdOf, keyIdPattern } from './key-id.js';

const revocationSchema = z.strictObject({
  key_id: z.string().regex(keyIdPattern, 'is no key id: SHA256: and 43 characters of base64'),
  as_of_size: z
    .number()
    .int()
    .nonnegative()
    .describe('Size of the log at which the key was still good: what stands at this index or above does not count.'),
  revoked_at: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'is no instant in UTC')
    .describe('When it was written down; for people, nothing is decided by it.'),
  reason: z.string().max(500).nullable(),
});
export type Revocation = z.infer<typeof revocationSchema>;

/** `.caws/keys/revoked.yaml`: keys that were stolen or lost, signed by the root as `allowed_signers` is. */
export const revocationsSchema = z
  .strictObject({ version: z.literal(1), revoked: z.array(revocationSchema).max(10_000) })
  .meta({ id: 'Revocations' });
export type Revocations = z.infer<typeof revocationsSchema>;

/** The file's text, in one spelling. */
export function renderRevocations({ revoked }: Revocations): string {
  const entries = revoked.flatMap(({ key_id, as_of_size, revoked_at, reason }) => [
    `  - key_id: ${doubleQuoted(key_id)}`,
    `    as_of_size: ${as_of_size}`,
    `    revoked_at: ${doubleQuoted(revoked_at)}`,
    `    reason: ${reason === null ? 'null' : doubleQuoted(reason)}`,
  ]);
  const list = entries.length === 0 ? ['revoked: []'] : ['revoked:', ...entries];
  return [
    '# Keys that count no more from a size of the log on. Written by arbiter keys revoke.',
    'version: 1',
    ...list,
    '',
  ].join('\n');
}

/**
 * Adds a revocation. One that is there for the same key gives way to a smaller size alone, and stays otherwise: to
 * loosen a revocation would make good again what was taken to be forged.
 */
export function addRevocation(to: Revocations, added: Revocation): Revocations {
  const there = revocationOf(to, added.key_id);
  if (there !== null && there.as_of_size <= added.as_of_size) return to;
  return { ...to, revoked: [...to.revoked.filter(({ key_id }) => key_id !== added.key_id), added] };
}

/** The strictest revocation of a key; null where it is not revoked. */
export function revocationOf({ revoked }: Revocations, keyId: string): Revocation | null {
  const of = revoked.filter(({ key_id }) => key_id === keyId);
  return of.reduce<Revocation | null>(
    (least, one) => (least !== null && least.as_of_size <= one.as_of_size ? least : one),
    null,
  );
}

/** The signers with each line of a revoked key marked; one that was marked before keeps the smaller size. */
export function markRevoked(signers: AllowedSigners, revocations: Revocations): AllowedSigners {
  const entries = signers.entries.map((entry) => {
    const keyId = keyIdOf(entry.key);
    const revocation = keyId === null ? null : revocationOf(revocations, keyId);
    if (revocation === null) return entry;
    return { ...entry, revokedAsOfSize: Math.min(entry.revokedAsOfSize ?? Infinity, revocation.as_of_size) };
  });
  return { ...signers, entries };
}
