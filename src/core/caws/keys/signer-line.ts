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
  const [principalText, ...rest] = splitFields(line);
  if (principalText === undefined || rest.length < 2) return 'has no principal, key type and key';
  const principals = unquote(principalText).split(',').filter(Boolean);
  if (principals.length === 0) return 'names no principal';
  const [first = '', second = '', third = ''] = rest;
  const bare = keyTypePattern.test(first);
  const options = bare ? new Map<string, string>() : parseOptions(first);
  if (typeof options === 'string') return options;
  const keyType = bare ? first : second;
  const key = bare ? second : third;
  if (!keyTypePattern.test(keyType)) return `has no key type that is known: ${keyType.slice(0, 40)}`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || key.length % 4 !== 0) return 'holds a key that is not base64';
  const period = parsePeriod(options);
  if (typeof period === 'string') return period;
  const namespaces = options.get('namespaces')?.split(',').filter(Boolean) ?? null;
  return { principals, namespaces, ...period, keyType, key };
}

// Fields end at white space outside of double quotes.
function splitFields(line: string): string[] {
  return line.match(/(?:[^ \t"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}

function unquote(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
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
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z$/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return back === `${match[1]}${match[2]}${match[3]}${match[4] ?? '00'}${match[5] ?? '00'}${match[6] ?? '00'}`
    ? ms
    : null;
}
