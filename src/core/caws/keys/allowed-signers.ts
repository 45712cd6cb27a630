import { matchesPrincipal } from './principal-pattern.js';
import type { SignatureState } from './signature-state.js';
import { type SignerLine, parseSignerLine } from './signer-line.js';

/** One line of an `allowed_signers` file: who may sign with this key, in which namespaces, from when to when. */
export interface AllowedSigner extends SignerLine {
  readonly line: number;
  /** Where its key is revoked: what stands in the log at this index or above counts no more. */
  readonly revokedAsOfSize?: number;
}

export interface AllowedSigners {
  readonly entries: readonly AllowedSigner[];
  /** Lines that count for nothing, with the reason: certificate authorities, unknown options, times without `Z`. */
  readonly ignored: readonly { readonly line: number; readonly reason: string }[];
}

/**
 * Reads an `allowed_signers` file. Empty lines and comments are skipped; a line that cannot be understood in full is
 * ignored with its reason and so allows nobody. An empty file allows nobody.
 * @see ssh-keygen(1), ALLOWED SIGNERS
 */
export function parseAllowedSigners(text: string): AllowedSigners {
  const entries: AllowedSigner[] = [];
  const ignored: { line: number; reason: string }[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.replace(/\r$/, '').replaceAll(/^[ \t]+|[ \t]+$/g, '');
    if (line === '' || line.startsWith('#')) return;
    const parsed = parseSignerLine(line);
    if (typeof parsed === 'string') ignored.push({ line: index + 1, reason: parsed });
    else entries.push({ line: index + 1, ...parsed });
  });
  return { entries, ignored };
}

/**
 * Whether a key that made a good signature may have made it: the first line with this very key, namespace and time
 * wins; else the closest miss is named. With `principal`, only lines that match it count. A revoked key counts for what
 * is known to stand in the log below its revocation, and there the log's order decides instead of the line's end.
 * @param key what the signature proves: key type, blob in base64 and fingerprint
 * @param use.ledgerIndex where in the log the signed thing is proven to stand; left out or null where nobody knows
 */
export function findSigner(
  allowed: AllowedSigners,
  key: { readonly key: string; readonly keyId: string },
  use: {
    readonly namespace: string;
    readonly nowMs: number;
    readonly principal?: string;
    readonly ledgerIndex?: number | null;
  },
): SignatureState {
  const known = allowed.entries.filter(
    (entry) =>
      entry.key === key.key && (use.principal === undefined || matchesPrincipal(entry.principals, use.principal)),
  );
  if (known.length === 0) return { state: 'foreign', detail: `key ${key.keyId} is not in the keyring` };
  const isRevoked = known.some((entry) => entry.revokedAsOfSize !== undefined);
  const revoked = refuseRevoked(known, key.keyId, use.ledgerIndex ?? null);
  if (revoked !== null) return { state: 'revoked-key', detail: revoked };
  const inNamespace = known.filter(
    ({ namespaces }) => namespaces === null || matchesPrincipal(namespaces, use.namespace),
  );
  if (inNamespace.length === 0) {
    return { state: 'wrong-namespace', detail: `key ${key.keyId} may not sign in namespace ${use.namespace}` };
  }
  const current = inNamespace.find((entry) =>
    isCurrent(isRevoked ? { ...entry, validBeforeMs: null } : entry, use.nowMs),
  );
  if (current === undefined) {
    return { state: 'expired-key', detail: `key ${key.keyId} is not valid at the time of this check` };
  }
  const plain = current.principals.filter((name) => !/[*?!]/.test(name));
  const signer = use.principal ?? plain[0] ?? current.principals[0] ?? '';
  return { state: 'valid', signer, principals: current.principals, keyId: key.keyId };
}

function refuseRevoked(known: readonly AllowedSigner[], keyId: string, ledgerIndex: number | null): string | null {
  const sizes = known.map(({ revokedAsOfSize }) => revokedAsOfSize).filter((size) => size !== undefined);
  if (sizes.length === 0) return null;
  const size = Math.min(...sizes);
  if (ledgerIndex !== null && ledgerIndex < size) return null;
  const where = ledgerIndex === null ? 'it is not known where in the log this stands' : `this stands at ${ledgerIndex}`;
  return `key ${keyId} is revoked as of log size ${size}, and ${where}: only what stands below that size counts`;
}

// ssh-keygen compares whole seconds and counts both ends as valid.
function isCurrent({ validAfterMs, validBeforeMs }: AllowedSigner, nowMs: number): boolean {
  const now = Math.floor(nowMs / 1000) * 1000;
  return (validAfterMs === null || now >= validAfterMs) && (validBeforeMs === null || now <= validBeforeMs);
}
