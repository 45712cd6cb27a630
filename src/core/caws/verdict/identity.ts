/** One form for the ways to write one person or key: `@alice`, `Alice` and `alice ` are the same. */
export function normalIdentity(identity: string): string {
  return identity.normalize('NFKC').trim().replace(/^@/, '').toLowerCase();
}

/** True when a signer, by name or by key id, is one of those who may not judge their own work. Nobody barred: false. */
export function isBarred(
  signer: { readonly signer: string; readonly keyId: string },
  barred: readonly string[],
): boolean {
  const names = barred.map(normalIdentity);
  return names.includes(normalIdentity(signer.signer)) || names.includes(normalIdentity(signer.keyId));
}
