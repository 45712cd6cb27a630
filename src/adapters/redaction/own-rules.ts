/** What is removed, and which part of a match: the whole, or the group named `secret`. */
export interface RedactionRule {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Whether a match is one; left out: it is. */
  readonly holds?: (match: string) => boolean;
}

/**
 * Rules beside those of the packages, which know secrets by the name that stands before them: most of what leaks into
 * words stands alone. Every pattern is linear in the text: no nested repetition.
 */
export const ownRules: readonly RedactionRule[] = [
  {
    kind: 'private-key',
    pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}-----|$)/g,
  },
  { kind: 'aws-key-id', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|AROA)[A-Z2-7]{16}\b/g },
  {
    kind: 'token',
    pattern:
      /\b(?:gh[pousr]_|github_pat_|glpat-|npm_|pypi-|xox[abeprs]-|sk-|sk_live_|rk_live_|hf_|dop_v1_|SG\.|AIza|ya29\.)[\w.-]{16,}/g,
  },
  { kind: 'jwt', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g },
  { kind: 'bearer', pattern: /\b(?:bearer|basic)\s+(?<secret>[\w.~+/-]{16,}=*)/gi },
  { kind: 'credentials-in-url', pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?<secret>[^\s/@:]{1,200}:[^\s/@]{1,200})@/gi },
  {
    kind: 'assigned-secret',
    pattern:
      /\b\w{0,40}(?:passwords?|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)["']?\s*(?:=|:|\bis\b)\s*["'`]?(?<secret>[^\s"'`,;]{6,})/gi,
  },
  { kind: 'home-folder', pattern: /(?:\/home|\/Users|[A-Z]:\\Users)[/\\](?<secret>[^\s/\\"'`:]{1,64})/g },
  {
    kind: 'name',
    pattern: /^(?:signed-off-by|co-authored-by|author|reported-by|reviewed-by):\s*(?<secret>[^<\n]{2,80})/gim,
  },
  {
    kind: 'name',
    pattern:
      /\b(?:my name is|i am called|on behalf of|dear|regards,)\s+(?<secret>\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,2})/giu,
    holds: (name) => /^\p{Lu}/u.test(name),
  },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, holds: isIban },
  { kind: 'ssn', pattern: /\b(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g },
  { kind: 'phone', pattern: /(?<![\w.])\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}\b/g },
];

/** ISO 13616: the number made of an IBAN is 1 modulo 97. */
export function isIban(text: string): boolean {
  const packed = text.replaceAll(' ', '');
  if (packed.length < 15 || packed.length > 34) return false;
  const turned = `${packed.slice(4)}${packed.slice(0, 4)}`;
  const digits = turned.replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}
