import { z } from 'zod';
import { formatInstant } from '../../time.js';
import type { AllowedSigner } from './allowed-signers.js';
import { keyIdOf } from './key-id.js';
import { type KeyRole, type NamedKey, keyRoleSchema } from './key-role.js';
import { matchesPrincipal } from './principal-pattern.js';
import { type Revocations, revocationOf } from './revocations.js';

export const listedKeySchema = z.strictObject({
  role: keyRoleSchema.nullable().describe('Null for a line of the keyring that fits none.'),
  owner: z.string().nullable().describe('Who, as the keyring or the file’s name says.'),
  keyId: z.string().nullable().describe('Null for a file whose key cannot be read.'),
  file: z.string().nullable().describe('The private key on this machine; null where it is elsewhere.'),
  since: z.string().nullable().describe('When its line begins; null for always, and without a line.'),
  until: z.string().nullable(),
  inKeyring: z.boolean().describe('Whether a line of the believed keyring has it; the root stands in none.'),
  state: z.enum(['current', 'next', 'retired', 'revoked']),
  asOfSize: z.number().int().nullable().describe('Size of the log as of which it is revoked.'),
  safe: z.boolean().nullable().describe('Whether the file may be used; null where it is elsewhere.'),
  problem: z.string().nullable().describe('Why it may not.'),
  mode: z.string().nullable().describe('Permission bits, such as 0600.'),
  uid: z.number().int().nullable().describe('Who owns the file.'),
});
export type ListedKey = z.infer<typeof listedKeySchema>;

/** A key file as the adapter saw it. */
export interface KeyFileFacts extends NamedKey {
  readonly path: string;
  readonly keyId: string | null;
  readonly uid: number | null;
  readonly mode: number | null;
  readonly problem: string | null;
}

/** What the repository says of keys, as far as it is believed. */
export interface KeyringFacts {
  readonly entries: readonly AllowedSigner[];
  readonly revocations: Revocations;
  readonly nowMs: number;
}

/** One row a key: first the files of this machine in their order, then what the keyring names beside them, line by line. */
export function listKeys(files: readonly KeyFileFacts[], keyring: KeyringFacts): ListedKey[] {
  const byId = new Map<string, AllowedSigner>();
  for (const entry of keyring.entries) {
    const keyId = keyIdOf(entry.key);
    if (keyId !== null && !byId.has(keyId)) byId.set(keyId, entry);
  }
  const here = files.map((file) => {
    const entry = file.keyId === null ? undefined : byId.get(file.keyId);
    const isHere = file.mode !== null;
    return {
      role: file.role,
      owner: file.owner,
      keyId: file.keyId,
      file: isHere ? file.path : null,
      ...standingOf(file.keyId, entry, file.stage, keyring),
      safe: isHere ? file.problem === null : null,
      problem: file.problem,
      mode: file.mode === null ? null : file.mode.toString(8).padStart(4, '0'),
      uid: file.uid,
    };
  });
  const listed = new Set(files.map(({ keyId }) => keyId));
  const elsewhere = [...byId].filter(([keyId]) => !listed.has(keyId));
  return [
    ...here,
    ...elsewhere.map(([keyId, entry]) => ({
      role: roleOf(entry),
      owner: entry.principals.join(','),
      keyId,
      file: null,
      ...standingOf(keyId, entry, 'current', keyring),
      safe: null,
      problem: null,
      mode: null,
      uid: null,
    })),
  ];
}

function standingOf(
  keyId: string | null,
  entry: AllowedSigner | undefined,
  stage: NamedKey['stage'],
  { revocations, nowMs }: KeyringFacts,
): Pick<ListedKey, 'since' | 'until' | 'inKeyring' | 'state' | 'asOfSize'> {
  const revocation = keyId === null ? null : revocationOf(revocations, keyId);
  const isOver = (entry?.validBeforeMs ?? Infinity) < nowMs;
  const { validAfterMs = null, validBeforeMs = null } = entry ?? {};
  return {
    since: validAfterMs === null ? null : formatInstant(validAfterMs),
    until: validBeforeMs === null ? null : formatInstant(validBeforeMs),
    inKeyring: entry !== undefined,
    state: revocation !== null ? 'revoked' : stage === 'current' && isOver ? 'retired' : stage,
    asOfSize: revocation?.as_of_size ?? null,
  };
}

function roleOf({ namespaces }: AllowedSigner): KeyRole | null {
  const roles: readonly (readonly [string, KeyRole])[] = [
    ['caws-verdict', 'verdict'],
    ['caws-log', 'log'],
    ['caws-witness', 'witness'],
    ['caws-waiver', 'waiver'],
    ['caws-review', 'waiver'],
    ['git', 'publish'],
  ];
  if (namespaces === null) return null;
  return roles.find(([namespace]) => matchesPrincipal(namespaces, namespace))?.[1] ?? null;
}
