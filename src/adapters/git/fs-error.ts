/** True for an error of the file system that carries one of the codes; any code at all when none is named. */
export function isFsError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return codes.length === 0 ? 'errno' in error : codes.includes(error.code);
}
