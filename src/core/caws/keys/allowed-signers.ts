import { matchesPrincipal } from './principal-pattern.js';
import type { SignatureState } from './signature-state.js';
import { type SignerLine, parseSignerLine } from './signer-line.js';

/** One line of an `allowed_signers` file: who may sign with this key, in which namespaces, from when to when. */
export interface AllowedSigner extends SignerLine {
  readonly line: number;
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
 * wins; else the closest miss is named. With `principal`, only lines that match it count.
 * @param key what the signature proves: key type, blob in base64 and fingerprint
 */
export function findSigner(
  allowed: AllowedSigners,
  key: { readonly key: string; readonly keyId: string },
  use: { readonly namespace: string; readonly nowMs: number; readonly principal?: string },
): SignatureState {
  const known = allowed.entries.filter(
    (entry) =>
      entry.key === key.key && (use.principal === undefined || matchesPrincipal(entry.principals, use.principal)),
  );
  if (known.length === 0) return { state: 'foreign', detail: `key ${key.keyId} is not in the keyring` };
  const inNamespace = known.filter(
    ({ namespaces }) => namespaces === null || matchesPrincipal(namespaces, use.namespace),
  );
  if (inNamespace.length === 0) {
    return { state: 'wrong-namespace', detail: `key ${key.keyId} may not sign in namespace ${use.namespace}` };
  }
  const current = inNamespace.find((entry) => isCurrent(entry, use.nowMs));
  if (current === undefined) {
    return { state: 'expired-key', detail: `key ${key.keyId} is not valid at the time of this check` };
  }
  const plain = current.principals.filter((name) => !/[*?!]/.test(name));
  const signer = use.principal ?? plain[0] ?? current.principals[0] ?? '';
  return { state: 'valid', signer, principals: current.principals, keyId: key.keyId };
}

// ssh-keygen compares whole seconds and counts both ends as valid.
function isCurrent({ validAfterMs, validBeforeMs }: AllowedSigner, nowMs: number): boolean {
  const now = Math.floor(nowMs / 1000) * 1000;
  return (validAfterMs === null || now >= validAfterMs) && (validBeforeMs === null || now <= validBeforeMs);
}
