const maxCharacters = 600;

/**
 * What npm said of its failure, on one line of at most 600 characters: its errors from the first on, which name the
 * cause, and not the help that it prints last; the end of its words where it named no error.
 */
export function npmSaid(text: string): string {
  const errors = text
    .split('\n')
    .map((line) => /^npm (?:error|ERR!)\s+(.*\S)\s*$/.exec(line)?.[1])
    .filter((line) => line !== undefined);
  return errors.length === 0 ? text.trim().slice(-maxCharacters) : errors.join(' · ').slice(0, maxCharacters);
}
