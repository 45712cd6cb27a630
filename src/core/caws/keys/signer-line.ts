/** What one line of an `allowed_signers` file says. */
export interface SignerLine {
  /** Patterns as ssh-keygen reads them: `*`, `?`, and `!` for "not". */
  readonly principals: readonly string[];
  /** Null: any namespace. */
  readonly namespaces: readonly string[] | null;
  readonly validAfterMs: number | null;
  readonly validBeforeMs: number | null;
  readonly keyType: string;
  /** The public key's blob in base64. */
  readonly key: string;
}

const keyTypePattern = /^(sk-)?(ssh|ecdsa)-[a-z0-9-]+(@openssh\.com)?$/;
const optionPattern = /^([a-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)/i;

/** Reads one line that is neither empty nor a comment, or says in words why it counts for nothing. */
export function parseSignerLine(line: string): SignerLine | string {
  const [principalText = '', first = '', ...rest] = splitFields(line);
  const principals = splitList(principalText.replace(/^"(.*)"$/, '$1'));
  if (principals.length === 0) return 'names no principal';
  const bare = keyTypePattern.test(first);
  const options = bare ? new Map<string, string>() : parseOptions(first);
  if (typeof options === 'string') return options;
  const key = parseKey(bare ? [first, ...rest] : rest);
  if (typeof key === 'string') return key;
  const period = parsePeriod(options);
  if (typeof period === 'string') return period;
  const namespaces = options.get('namespaces');
  return { principals, namespaces: namespaces === undefined ? null : splitList(namespaces), ...period, ...key };
}

function parseKey([keyType = '', key = '']: readonly string[]): Pick<SignerLine, 'keyType' | 'key'> | string {
  if (!keyTypePattern.test(keyType)) return `has no key type that is known: ${keyType.slice(0, 40)}`;
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(key) && key.length % 4 === 0;
  return isBase64 ? { keyType, key } : 'holds a key that is not base64';
}

function splitList(text: string): string[] {
  return text.split(',').filter(Boolean);
}

// Fields end at white space outside of double quotes.
function splitFields(line: string): string[] {
  return line.match(/(?:[^ \t"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}

function parseOptions(text: string): Map<string, string> | string {
  const options = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const match = optionPattern.exec(rest);
    if (match === null) return `has options that cannot be read: ${rest.slice(0, 40)}`;
    const name = (match[1] ?? '').toLowerCase();
    if (name === 'cert-authority') return 'is a certificate authority, which Arbiter does not follow';
    if (!['namespaces', 'valid-after', 'valid-before'].includes(name)) return `has an unknown option: ${name}`;
    if (match[2] === undefined) return `gives no value for ${name}`;
    if (options.has(name)) return `gives ${name} twice`;
    options.set(name, match[2].replaceAll(/\\(.)/g, '$1'));
    rest = rest.slice(match[0].length);
  }
  return options;
}

function parsePeriod(
  options: ReadonlyMap<string, string>,
): Pick<SignerLine, 'validAfterMs' | 'validBeforeMs'> | string {
  const period = { validAfterMs: null as number | null, validBeforeMs: null as number | null };
  for (const [option, field] of [
    ['valid-after', 'validAfterMs'],
    ['valid-before', 'validBeforeMs'],
  ] as const) {
    const text = options.get(option);
    if (text === undefined) continue;
    const ms = parseTime(text);
    if (ms === null) return `gives ${option} in a form that is not YYYYMMDD[HHMM[SS]]Z (UTC)`;
    period[field] = ms;
  }
  const { validAfterMs, validBeforeMs } = period;
  return validAfterMs !== null && validBeforeMs !== null && validBeforeMs <= validAfterMs
    ? 'ends before it begins'
    : period;
}

// Without the Z ssh-keygen takes the local time zone, which differs from one reader to the next.
function parseTime(text: string): number | null {
  if (!/^\d{8}(\d{4}(\d\d)?)?Z$/.test(text)) return null;
  const digits = text.slice(0, -1).padEnd(14, '0');
  const part = (from: number, to: number): number => Number(digits.slice(from, to));
  const ms = Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14));
  const rolled = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return rolled === digits ? ms : null;
}
