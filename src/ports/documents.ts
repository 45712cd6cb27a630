import type { Place } from '../core/fault.js';

export type DocumentFaultCode = 'YAML_INVALID' | 'YAML_REFUSED';

/** A YAML or JSON text as value and positions. `placeOf` takes a JSON pointer and answers the nearest known place. */
export interface ParsedDocument {
  readonly value: unknown;
  placeOf(pointer: string): Place;
}

/**
 * Strict reading: duplicate keys, tags, anchors beyond a cap, over 1 MiB, depth over 64 and bytes that are not UTF-8
 * are refused with a named fault (constitution §1, issue "bad YAML"). Never hangs.
 */
export interface Documents {
  /** @throws YAML_INVALID, YAML_REFUSED with place */
  read(bytes: Uint8Array, file: string): ParsedDocument;
}
