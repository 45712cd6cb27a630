import type { CST } from 'yaml';
import { Refusal } from './refusal.js';

export const maxDepth = 64;

/** @throws Refusal when collections are nested deeper than 64, before anything is built of them */
export function limitDepth(token: CST.Token): void {
  if (token.type === 'document' && token.value) visit(token.value, 1);
}

function visit(token: CST.Token, depth: number): void {
  if (!('items' in token)) return;
  if (depth > maxDepth) {
    throw new Refusal('YAML_REFUSED', `nested deeper than ${maxDepth} levels`, token.offset, {
      mend: 'flatten the structure',
    });
  }
  for (const item of token.items) {
    if ('key' in item && item.key) visit(item.key, depth + 1);
    if (item.value) visit(item.value, depth + 1);
  }
}
