import { z } from 'zod';

/** Whether a verdict counts at a protected ref, or only advises: see `judgeTrust`. */
export const trustSchema = z.enum(['local', 'enforcing']);
export type Trust = z.infer<typeof trustSchema>;

/** Who can reach a verdict key, as the file system says. */
export interface KeyCustody {
  readonly keyUid: number;
  /** Permission bits of the key file. */
  readonly keyMode: number;
  /** Owner of the repository's work tree; null where there is no work tree to compare with. */
  readonly treeUid: number | null;
}

/**
 * `enforcing` when the base's `.caws/arbiter.yaml` lists the key under `enforcing_keys`, or when the key file belongs to
 * another user than the work tree and that user cannot read it. Else `local`: whoever made the change may hold the key.
 * The superuser reads everything, so a work tree of theirs is never kept from a key.
 * @see constitution §5, Two levels of trust
 */
export function judgeTrust(keyId: string, custody: KeyCustody, enforcingKeys: readonly string[]): Trust {
  if (enforcingKeys.includes(keyId)) return 'enforcing';
  const { keyUid, keyMode, treeUid } = custody;
  if (treeUid === null || treeUid === 0 || treeUid === keyUid) return 'local';
  return (keyMode & 0o077) === 0 ? 'enforcing' : 'local';
}
