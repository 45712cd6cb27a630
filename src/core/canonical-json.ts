import { digestText, isWellFormed } from './digest.js';
import { Fault } from './fault.js';

export type CanonicalJsonFaultCode = 'JSON_NOT_CANONICAL';

// Deeper than anything that is signed; also what ends a value that contains itself.
const maxDepth = 256;

/**
 * RFC 8785 text of a value: keys sorted by UTF-16 code units, no white space. Only null, booleans, safe integers,
 * Unicode strings, arrays and plain objects; −0 is written 0.
 * @throws JSON_NOT_CANONICAL with the JSON pointer of a float, NaN, undefined, lone surrogate, hole or odd object
 * @see RFC 8785
 */
export function canonicalJson(value: unknown): string {
  return write(value, null, 0);
}

/** SHA-256 over the canonical JSON of a value: every nested field counts. @throws JSON_NOT_CANONICAL */
export function digestJson(value: unknown): string {
  return digestText(canonicalJson(value));
}

/** A place within the value, as a chain upwards: its pointer is spelled only where it is refused. */
interface Spot {
  readonly above: Spot | null;
  readonly name: string | number;
}

function write(value: unknown, spot: Spot | null, depth: number): string {
  if (depth > maxDepth) throw refuse(spot, `nests deeper than ${maxDepth}`);
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) throw refuse(spot, 'holds half of a surrogate pair');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw refuse(spot, `is ${value}, and only safe integers are signed`);
      return String(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : writeComposite(value, spot, depth);
    default:
      throw refuse(spot, `is of type ${typeof value}`);
  }
}

function writeComposite(value: object, spot: Spot | null, depth: number): string {
  if (Array.isArray(value)) {
    // Array.from turns holes into undefined, which is then refused.
    return `[${Array.from(value, (item, index) => write(item, { above: spot, name: index }, depth + 1)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse(spot, 'is not a plain object');
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const texts = members.map(([name, item]) => {
    const at = { above: spot, name };
    return `${write(name, at, depth + 1)}:${write(item, at, depth + 1)}`;
  });
  return `{${texts.join(',')}}`;
}

/** RFC 6901. */
function pointerOf(spot: Spot | null): string {
  const names: string[] = [];
  for (let at = spot; at !== null; at = at.above) names.unshift(String(at.name));
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function refuse(spot: Spot | null, what: string): Fault<CanonicalJsonFaultCode> {
  return new Fault('JSON_NOT_CANONICAL', `value at "${pointerOf(spot)}" ${what}`, {
    mend: 'give integers (basis points, micro-dollars, milliseconds), strings, booleans, null, arrays and plain objects',
  });
}
