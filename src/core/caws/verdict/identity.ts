/** One form for the ways to write one person or key: `@alice`, `Alice` and `alice ` are the same. */
export function normalIdentity(identity: string): string {
  return identity.normalize('NFKC').trim().replace(/^@/, '').toLowerCase();
}

/**
 * True when a signer, by any name of their key or by the key's id, is one of those who may not judge their own work.
 * Nobody barred: false.
 */
export function isBarred(
  signer: { readonly signer: string; readonly principals: readonly string[]; readonly keyId: string },
  barred: readonly string[],
): boolean {
  const names = new Set(barred.map(normalIdentity));
  return [signer.signer, signer.keyId, ...signer.principals].some((name) => names.has(normalIdentity(name)));
}
