import type { AllowedSigner, AllowedSigners } from './allowed-signers.js';
import { matchesPrincipal } from './principal-pattern.js';

const roleOfNamespace: readonly (readonly [namespace: string, role: string])[] = [
  ['caws-keyring', 'root'],
  ['caws-verdict', 'verdict'],
  ['caws-log', 'log'],
  ['caws-witness', 'witness'],
  ['caws-waiver', 'waiver'],
  ['caws-review', 'waiver'],
  ['git', 'publish'],
];
/** Keys of machines. A human may sign waivers and commits with one key; such a key may do one thing. */
const exclusive = ['root', 'verdict', 'log', 'witness'];

/**
 * Takes out the lines of every key that is let into two roles of which one is a machine's, in one line or in several: who
 * steals or runs one role would hold the other. They allow nobody, and the reason is said.
 */
export function ignoreSharedKeys(signers: AllowedSigners): AllowedSigners {
  const rolesByKey = new Map<string, Set<string>>();
  for (const entry of signers.entries) {
    const roles = rolesByKey.get(entry.key) ?? new Set();
    for (const role of rolesOf(entry)) roles.add(role);
    rolesByKey.set(entry.key, roles);
  }
  const sharing = (entry: AllowedSigner): readonly string[] => {
    const roles = [...(rolesByKey.get(entry.key) ?? [])];
    return roles.length > 1 && roles.some((role) => exclusive.includes(role)) ? roles : [];
  };
  const shared = signers.entries.filter((entry) => sharing(entry).length > 0);
  return {
    entries: signers.entries.filter((entry) => sharing(entry).length === 0),
    ignored: [
      ...signers.ignored,
      ...shared.map((entry) => ({
        line: entry.line,
        reason: `lets one key into several roles (${sharing(entry).join(', ')}), and each role has a key of its own`,
      })),
    ],
  };
}

function rolesOf({ namespaces }: AllowedSigner): readonly string[] {
  // A line without namespaces is a person's who may sign anything; beside a machine's role it is one role more.
  if (namespaces === null) return ['any'];
  return roleOfNamespace.filter(([name]) => matchesPrincipal(namespaces, name)).map(([, role]) => role);
}

/** A key of a role, as far as its files tell. */
export interface RoleKey {
  /** As people read it: `verdict`, `waiver of ada@example.org`, `log, retired`. */
  readonly title: string;
  /** Role and owner: keys of one holder in several stages are no sharing. */
  readonly holder: string;
  readonly publicKeys: readonly string[];
}

/** The first two holders that have one key; null when each has its own. */
export function findSharing(keys: readonly RoleKey[]): { readonly one: RoleKey; readonly other: RoleKey } | null {
  const seen = new Map<string, RoleKey>();
  for (const key of keys) {
    for (const publicKey of key.publicKeys) {
      const one = seen.get(publicKey);
      if (one !== undefined && one.holder !== key.holder) return { one, other: key };
      seen.set(publicKey, one ?? key);
    }
  }
  return null;
}
