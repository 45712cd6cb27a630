import { z } from 'zod';

/** What a key is for. One key a role, never shared; `waiver` has one key for each human. */
export const keyRoleSchema = z.enum(['root', 'verdict', 'log', 'publish', 'witness', 'waiver']);
export type KeyRole = z.infer<typeof keyRoleSchema>;

/** A person's name as it stands in `allowed_signers` and in the name of their key file. */
export const keyOwnerSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/, 'is no name: letters, digits and . _ @ + - only, 64 at most')
  .refine((name) => !/\.(next|pub|retired-.*)$|^arbiter(-|$)/.test(name), 'is a name that Arbiter keeps for itself');

/** The key's place in a rotation: in use, made and not yet in use, or out of use. */
export type KeyStage = 'current' | 'next' | 'retired';

/** What the name of a key file says. */
export interface NamedKey {
  readonly role: KeyRole;
  /** The human of a waiver key; null for the other roles. */
  readonly owner: string | null;
  readonly stage: KeyStage;
}

const namePattern = /^(root|verdict|log|publish|witness|waiver-(.+?))(\.next|\.retired-[A-Za-z0-9_-]+)?$/;

/** Reads the name of a private key file; null for a file that is no key of ours. */
export function readKeyName(name: string): NamedKey | null {
  const match = namePattern.exec(name);
  if (match === null || name.endsWith('.pub')) return null;
  const [, base = '', owner = null, suffix = ''] = match;
  const stage = suffix === '' ? 'current' : suffix === '.next' ? 'next' : 'retired';
  return { role: owner === null ? keyRoleSchema.parse(base) : 'waiver', owner, stage };
}

/** The name of the file of a key in use. `owner` counts for waiver keys alone. */
export function nameKey(role: KeyRole, owner: string | null): string {
  return role === 'waiver' ? `waiver-${owner ?? ''}` : role;
}

/** The suffix of a retired key's file: by the key itself, so that retiring it again finds the same name. */
export function retiredSuffix(keyId: string): string {
  return `.retired-${keyId
    .slice('SHA256:'.length, 'SHA256:'.length + 16)
    .replaceAll('+', '-')
    .replaceAll('/', '_')}`;
}

/** How a role stands in `allowed_signers`; null for root, which signs that file and is not in it. */
export function signerOfRole(
  role: KeyRole,
  owner: string | null,
): { readonly principal: string; readonly namespaces: readonly string[] } | null {
  switch (role) {
    case 'root':
      return null;
    case 'verdict':
      return { principal: 'arbiter', namespaces: ['caws-verdict'] };
    case 'log':
      return { principal: 'arbiter-log', namespaces: ['caws-log'] };
    case 'publish':
      // The namespace that git itself uses for commits.
      return { principal: 'arbiter-publish', namespaces: ['git'] };
    case 'witness':
      return { principal: 'arbiter-witness', namespaces: ['caws-witness'] };
    case 'waiver':
      return { principal: owner ?? '', namespaces: ['caws-waiver', 'caws-review'] };
  }
}
