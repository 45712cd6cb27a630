import { describe, expect, it } from 'vitest';
import { createDocuments } from '../src/adapters/yaml/documents.js';
import { checkFiles } from '../src/app/constitution/check-files.js';
import { encodeUtf8 } from '../src/core/digest.js';
import { readConstitutionCases } from './constitution-cases.js';

const cases = readConstitutionCases();

describe.each([...new Set(cases.map((one) => one.sheet))])('%s', (sheet) => {
  it.each(cases.filter((one) => one.sheet === sheet))('$name', async ({ kind, dialect, text, errors, warnings }) => {
    const files = { readFile: async () => encodeUtf8(text) };
    const [check] = await checkFiles({ files, documents: createDocuments() }, { files: ['case.yaml'], kind, dialect });
    expect(check?.errors.map((error) => [error.rule, error.line])).toEqual(errors);
    expect(check?.warnings.map((warning) => [warning.rule, warning.line])).toEqual(warnings);
    expect(check?.valid).toBe(errors.length === 0);
  });
});

it('has cases enough to hold every rule', () => {
  expect(cases.length).toBeGreaterThan(140);
});
