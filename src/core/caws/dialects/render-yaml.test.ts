import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderYaml, type YamlValue } from './render-yaml.js';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const value = fc.letrec<{ value: YamlValue; record: Record<string, YamlValue> }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, fc.array(tie('value'), { maxLength: 4 }), tie('record')),
  record: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
}));

describe('renderYaml', () => {
  test.prop([value.record.filter((record) => Object.keys(record).length > 0)])(
    'is read back as it was, by YAML 1.1 and 1.2',
    (record) => {
      const written = renderYaml(record);
      expect(parse(written, { version: '1.2' })).toEqual(record);
      expect(parse(written, { version: '1.1', merge: false })).toEqual(record);
    },
  );

  it('is plain where nothing can be mistaken, and quoted where it can', () => {
    const written = renderYaml({
      id: 'FEAT-001',
      sure: 'yes',
      when: '2026-11-20',
      path: 'src/a.ts',
      none: [],
      left: undefined,
    });
    expect(written).toBe('id: FEAT-001\nsure: "yes"\nwhen: "2026-11-20"\npath: src/a.ts\nnone: []\n');
  });

  it('nests', () => {
    expect(renderYaml({ a: [{ b: 1, c: { d: ['x'] } }, {}, ['y']] })).toBe(
      'a:\n  - b: 1\n    c:\n      d:\n        - x\n  - {}\n  -\n    - "y"\n',
    );
  });
});
