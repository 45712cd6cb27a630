import { describe, expect, it } from 'vitest';
import { createDocuments } from '../../adapters/yaml/documents.js';
import type { Checked } from '../../core/caws/dialects/problem.js';
import { readDocument } from './read-document.js';

const rule = { id: 'policy.invalid', clause: 'c', severity: 'block', why: 'w', mend: 'm' } as const;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A check that counts how often it is made. */
function counting() {
  const made = { times: 0 };
  const check = (value: unknown): Checked<{ of: unknown }> => {
    made.times += 1;
    return { value: { of: value }, errors: [], warnings: [] };
  };
  return { made, check };
}

describe('readDocument', () => {
  it('checks the same bytes under the same name once, other bytes and by another check anew', () => {
    const documents = createDocuments();
    const [one, other] = [counting(), counting()];
    const read = (text: string, check = one.check) =>
      readDocument(documents, 'policy.yaml', bytesOf(text), rule, check);
    const first = read('a: 1\n');
    expect(read('a: 1\n').value).toBe(first.value);
    expect(one.made.times).toBe(1);
    expect(read('a: 2\n').value).toEqual({ of: { a: 2 } });
    expect(read('a: 1\n', other.check).value).toEqual({ of: { a: 1 } });
    expect([one.made.times, other.made.times]).toEqual([2, 1]);
  });

  it('hands out what nobody can change', () => {
    const { value } = readDocument(createDocuments(), 'policy.yaml', bytesOf('a: 1\n'), rule, counting().check);
    expect(() => Object.assign(value ?? {}, { of: 'other' })).toThrow(TypeError);
  });

  it('says of bytes that are no document where', () => {
    const { value, findings } = readDocument(createDocuments(), 'p.yaml', bytesOf('a: [\n'), rule, counting().check);
    expect(value).toBeNull();
    expect(findings).toMatchObject([{ rule: 'policy.invalid', path: 'p.yaml' }]);
  });
});
