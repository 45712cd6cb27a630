import { createHash } from 'node:crypto';
import { Fault } from '../../core/fault.js';
import { freezeDeep } from '../../core/freeze-deep.js';
import type { Documents, ParsedDocument } from '../../ports/documents.js';
import { decodeText, refuseControls } from './decode-text.js';
import { parseOneDocument } from './parse-one-document.js';
import { findOffset } from './find-offset.js';
import { readValue } from './read-value.js';
import { Refusal, placeAt } from './refusal.js';

/**
 * The strict reader of every file of the constitution. Size is checked first, then aliases, anchors, tags and nesting
 * while the text is still tokens, so that no bomb is ever built. YAML 1.2 core schema: dates stay text, `yes` is text.
 * A file that ends in `.json` must be JSON besides.
 * @see docs of the port: `Documents`
 */
export function createDocuments(): Documents {
  // Who serves tasks reads the same few files of the law for every one of them.
  const known = new Map<string, ParsedDocument>();
  return {
    read(bytes, file) {
      if (bytes.length > keptBytes) return read(bytes, file);
      const key = `${createHash('sha256').update(bytes).digest('base64')} ${file}`;
      const document = known.get(key) ?? read(bytes, file);
      known.delete(key);
      known.set(key, freezeDeep(document));
      const [oldest] = known.keys();
      if (known.size > keptDocuments && oldest !== undefined) known.delete(oldest);
      return document;
    },
  };
}

const keptDocuments = 32;
const keptBytes = 32 * 1024;

function read(bytes: Uint8Array, file: string): ParsedDocument {
  let text = '';
  try {
    text = decodeText(bytes);
    refuseControls(text);
    const { document, lineStarts } = parseOneDocument(text);
    const value = readValue(document);
    if (file.endsWith('.json')) requireJson(text);
    return { value, placeOf: (pointer) => ({ file, ...placeAt(lineStarts, findOffset(document, pointer)) }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const place = { file, ...placeAt(lineStartsOf(text), error.offset) };
    throw new Fault(error.code, error.message, { mend: error.mend, place, cause: error });
  }
}

function requireJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const offset = Number(/position (\d+)/.exec(String(error))?.[1] ?? 0);
    throw new Refusal('YAML_INVALID', 'not valid JSON, though the file is named .json', offset, {
      mend: 'write it as JSON, or name it .yaml',
      cause: error,
    });
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
