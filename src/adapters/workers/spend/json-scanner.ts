/** What a scan tells. Paths are keys joined by dots; arrays leave no trace in them. */
export interface Found {
  number(path: string, value: number): void;
  /** A string value, and how many bytes it has between its quotes. */
  text(path: string, byteLength: number): void;
}

/** Reads JSON that arrives in pieces. */
export interface JsonScanner {
  feed(bytes: Uint8Array): void;
  /** Forgets what was open: the next byte starts a new value. */
  reset(): void;
}

const deepest = 48;
const longestKey = 64;
const longestNumber = 32;
const byte = { quote: 0x22, backslash: 0x5c, comma: 0x2c, colon: 0x3a, openObject: 0x7b, openArray: 0x5b } as const;

/**
 * Finds numbers and strings in JSON that is cut anywhere, keeps no value, and needs the same memory for a byte and for a
 * gigabyte. What is malformed is passed over: nothing is ever thrown. What lies deeper than 48 is not told.
 */
export function createJsonScanner(found: Found): JsonScanner {
  // keys[d] is the key under which the value at depth d + 1 stands; null in an array
  let keys: (string | null)[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;
  let isKey = false;
  let wantsKey = false;
  let length = 0;
  let token = '';

  const path = (): string => keys.filter((key) => key !== null).join('.');
  const endNumber = (): void => {
    const value = Number(token);
    if (token !== '' && Number.isFinite(value) && depth <= deepest) found.number(path(), value);
    token = '';
  };
  const open = (isObject: boolean): void => {
    depth += 1;
    if (depth <= deepest) keys.push(isObject ? '' : null);
    wantsKey = isObject;
  };
  const close = (): void => {
    endNumber();
    if (depth > 0 && depth <= deepest) keys.pop();
    depth = Math.max(0, depth - 1);
    wantsKey = false;
  };
  const endString = (): void => {
    inString = false;
    if (isKey && depth <= deepest) keys[keys.length - 1] = token;
    else if (!isKey && depth <= deepest) found.text(path(), length);
    token = '';
  };
  const inside = (at: number): void => {
    if (at === byte.quote && !escaped) return endString();
    length += 1;
    if (isKey && token.length < longestKey) token += String.fromCharCode(at);
    escaped = at === byte.backslash && !escaped;
  };
  const startString = (): void => {
    endNumber();
    inString = true;
    escaped = false;
    length = 0;
    isKey = wantsKey;
  };
  const between = (at: number): void => {
    switch (at) {
      case byte.quote:
        return startString();
      case byte.openObject:
      case byte.openArray:
        return open(at === byte.openObject);
      case 0x7d:
      case 0x5d:
        return close();
      case byte.comma:
        endNumber();
        wantsKey = keys.length > 0 && depth <= deepest && keys.at(-1) !== null;
        return;
      case byte.colon:
        wantsKey = false;
        return;
      default:
        if (isNumberByte(at, token)) token = token.length < longestNumber ? token + String.fromCharCode(at) : token;
        else endNumber();
    }
  };

  return {
    feed(bytes): void {
      for (const at of bytes) {
        if (inString) inside(at);
        else between(at);
      }
    },
    reset(): void {
      keys = [];
      depth = 0;
      inString = false;
      wantsKey = false;
      token = '';
    },
  };
}

/** A digit or a minus starts a number; a sign, a point or an e may only go on with one. */
function isNumberByte(at: number, token: string): boolean {
  if ((at >= 0x30 && at <= 0x39) || at === 0x2d) return true;
  return token !== '' && (at === 0x2b || at === 0x2e || at === 0x65 || at === 0x45);
}
