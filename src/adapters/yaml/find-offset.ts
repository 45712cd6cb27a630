import { type Document, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { offsetOf } from './read-value.js';

/**
 * Offset of what a JSON pointer (RFC 6901) names: a mapping entry's key, an item's start. Where the pointer leads
 * beyond what the document holds, the nearest known parent. '' is the document's first value; an empty document gives 0.
 */
export function findOffset(document: Document.Parsed<ParsedNode>, pointer: string): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const part of partsOf(pointer)) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part);
      if (!pair) return offset;
      offset = offsetOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (node === undefined) return offset;
      offset = offsetOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
