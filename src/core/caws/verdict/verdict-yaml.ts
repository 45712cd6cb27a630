import { encodeUtf8 } from '../../digest.js';
import { Fault } from '../../fault.js';
import { doubleQuoted } from './double-quoted.js';
import { type Verdict, verdictSchema } from './verdict.js';

export type VerdictFaultCode = 'VERDICT_INVALID';

/** Namespace of a verdict's signature. */
export const verdictNamespace = 'caws-verdict';

/** Why a verdict may not be signed, or null: one whose trust root is in doubt never is (constitution §3). */
export function refusesSignature(verdict: Verdict): string | null {
  return verdict.advisory_reasons.find((reason) => reason.kind === 'trust-root')?.message ?? null;
}

/**
 * The bytes of `verdict.yaml`: block YAML that every YAML 1.1 and 1.2 reader reads alike. No anchors, tags, floats or
 * duplicate keys; every text double-quoted; characters that a terminal or an editor would hide are written as escapes;
 * keys in the order of the schema, metrics by name; LF and one final newline. The same verdict gives the same bytes.
 * @throws VERDICT_INVALID when the verdict contradicts its schema or itself
 */
export function renderVerdict(verdict: Verdict): Uint8Array {
  const checked = verdictSchema.safeParse(verdict);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new Fault<VerdictFaultCode>(
      'VERDICT_INVALID',
      `verdict cannot be written: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
      { mend: 'this is a defect of Arbiter: report it with the command that you ran' },
    );
  }
  const gates = checked.data.gates.map((gate) => ({ ...gate, metrics: sortKeys(gate.metrics) }));
  return encodeUtf8(writeMap({ ...checked.data, gates }, ''));
}

function sortKeys(record: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function writeMap(map: object, indent: string): string {
  return Object.entries(map)
    .map(([key, value]) => `${indent}${writeKey(key)}:${writeValue(value, indent)}`)
    .join('');
}

function writeValue(value: unknown, indent: string): string {
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${writeItems(value, `${indent}  `)}`;
  if (typeof value !== 'object' || value === null) return ` ${writeScalar(value)}\n`;
  return Object.keys(value).length === 0 ? ' {}\n' : `\n${writeMap(value, `${indent}  `)}`;
}

// An item that is a map starts on the line of its dash: `- id: "x"`.
function writeItems(items: readonly unknown[], indent: string): string {
  return items
    .map((item) =>
      typeof item === 'object' && item !== null
        ? `${indent}- ${writeMap(item, `${indent}  `).slice(indent.length + 2)}`
        : `${indent}- ${writeScalar(item)}\n`,
    )
    .join('');
}

// YAML 1.1 reads a bare `no` as a boolean and a bare `E0` as a number: a key is bare only when no reader can stumble.
function writeKey(key: string): string {
  return /^[a-z]{2}[A-Za-z0-9_]*$/.test(key) && !/^(yes|no|on|off|true|false|null)$/.test(key)
    ? key
    : doubleQuoted(key);
}

function writeScalar(value: unknown): string {
  return typeof value === 'string' ? doubleQuoted(value) : String(value);
}
