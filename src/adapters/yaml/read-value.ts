import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type YAMLMap } from 'yaml';
import { Refusal } from './refusal.js';

const maxValues = 200_000;

interface Reading {
  readonly anchors: Map<string, { readonly value: unknown; readonly size: number }>;
  /** Values so far, each alias counted by the size of what it stands for. */
  size: number;
}

/**
 * The plain value of a document: objects, arrays, text, numbers, booleans, null. An empty document is null.
 * @throws Refusal for duplicate keys, `__proto__`, merge keys, an alias without its anchor, and too large expansions
 */
export function readValue(document: Document.Parsed<ParsedNode>): unknown {
  const reading: Reading = { anchors: new Map(), size: 0 };
  return document.contents === null ? null : read(document.contents, reading);
}

function read(node: unknown, reading: Reading): unknown {
  if (isAlias(node)) return readAlias(node.source, node.range?.[0] ?? 0, reading);
  const before = reading.size;
  grow(reading, 1, 0);
  const value = isMap(node) ? readMap(node, reading) : isSeq(node) ? readItems(node.items, reading) : scalarOf(node);
  const anchor = (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor;
  if (anchor) reading.anchors.set(anchor, { value, size: reading.size - before });
  return value;
}

function readItems(items: readonly unknown[], reading: Reading): unknown[] {
  return items.map((item) => read(item, reading));
}

function scalarOf(node: unknown): unknown {
  return isScalar(node) ? node.value : null;
}

function readMap(map: YAMLMap, reading: Reading): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = keyOf(pair, reading);
    const offset = offsetOf(pair.key) ?? map.range?.[0] ?? 0;
    if (Object.hasOwn(object, key)) {
      throw new Refusal('YAML_REFUSED', `key "${key}" stands twice in one mapping`, offset, {
        mend: 'keep one of the two',
      });
    }
    if (key === '__proto__' || key === '<<') {
      throw new Refusal('YAML_REFUSED', `key "${key}" is not read`, offset, { mend: 'write the keys out' });
    }
    object[key] = read(pair.value, reading);
  }
  return object;
}

function keyOf(pair: Pair, reading: Reading): string {
  const key = read(pair.key, reading);
  return typeof key === 'object' && key !== null ? JSON.stringify(key) : String(key);
}

function readAlias(name: string, offset: number, reading: Reading): unknown {
  const target = reading.anchors.get(name);
  if (!target) {
    throw new Refusal('YAML_INVALID', `alias *${name} has no anchor before it`, offset, {
      mend: `write &${name} at an earlier value, or write the value out`,
    });
  }
  grow(reading, target.size, offset);
  return target.value;
}

function grow(reading: Reading, by: number, offset: number): void {
  reading.size += by;
  if (reading.size <= maxValues) return;
  throw new Refusal('YAML_REFUSED', `aliases would grow to more than ${maxValues} values`, offset, {
    mend: 'write the values out',
  });
}

export function offsetOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
}
