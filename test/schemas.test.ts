import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from '../scripts/schema-list.js';
import { composeSpec, newSpecSchema } from '../src/core/caws/dialects/compose-spec.js';
import { readConstitutionCases } from './constitution-cases.js';

const folder = fileURLToPath(new URL('../schemas/', import.meta.url));
const names = readdirSync(folder).sort();

function validatorOf(name: string) {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  return ajv.compile(JSON.parse(readFileSync(folder + name, 'utf8')) as object);
}

function textOf(sheet: string): unknown {
  const found = readConstitutionCases().find((one) => one.sheet === sheet);
  if (!found) throw new Error(`no sheet ${sheet}`);
  return parse(found.text);
}

describe('schemas/', () => {
  it('is what the zod schemas say; run `npm run schemas` where it is not', () => {
    expect(names).toEqual([...jsonSchemas().keys()].sort());
    for (const [name, text] of jsonSchemas())
      expect({ name, text: readFileSync(folder + name, 'utf8') }).toEqual({ name, text });
  });

  it.each(names)('%s compiles, and refuses an empty value', (name) => {
    expect(validatorOf(name)({})).toBe(false);
  });

  it('working-spec takes a new spec and no spec of dialect B', () => {
    const valid = validatorOf('working-spec.schema.json');
    const { text } = composeSpec(
      newSpecSchema.parse({
        id: 'FEAT-001',
        title: 'Sort',
        scope_in: ['src'],
        invariants: ['order'],
        acceptance: [{ given: 'a', when: 'b', then: 'c' }],
      }),
      '2026-11-20T09:00:00.000Z',
    );
    for (const spec of [parse(text), textOf('spec-c.yaml')]) {
      valid(spec);
      expect(valid.errors).toBeNull();
    }
    expect(valid(textOf('spec-b.yaml'))).toBe(false);
  });

  it('new-spec takes what leaves the defaults out', () => {
    const said = {
      id: 'A-1',
      title: 't',
      scope_in: ['a'],
      invariants: ['i'],
      acceptance: [{ given: 'a', when: 'b', then: 'c' }],
    };
    expect(validatorOf('new-spec.schema.json')(said)).toBe(true);
  });

  it('arbiter-config takes a file with one gate, and no unknown field', () => {
    const valid = validatorOf('arbiter-config.schema.json');
    expect(valid({ version: 1, gates: { tests: { kind: 'tests', command: ['node', '--test'] } } })).toBe(true);
    expect(valid({ version: 1, gate: {} })).toBe(false);
  });

  it('measurement takes what measure prints, and nothing short of it', () => {
    const valid = validatorOf('measurement.schema.json');
    const file = {
      status: 'M',
      oldPath: 'a.ts',
      newPath: 'a.ts',
      added: 1,
      removed: 0,
      binary: false,
      oldMode: '100644',
      newMode: '100644',
    };
    const measured = { base: 'b', tree: 't', files: [file], totals: { files: 1, added: 1, removed: 0, loc: 1 } };
    expect(valid(measured)).toBe(true);
    expect(valid({ ...measured, files: [{ ...file, status: 'C' }] })).toBe(false);
    expect(validatorOf('examine-result.schema.json')({ ...measured, findings: [] })).toBe(true);
  });

  it('finding takes a finding', () => {
    const finding = {
      rule: 'D1',
      clause: 'c',
      severity: 'block',
      path: null,
      line: 3,
      message: 'm',
      why: 'w',
      mend: 'm',
    };
    expect(validatorOf('finding.schema.json')(finding)).toBe(true);
    expect(validatorOf('finding.schema.json')({ ...finding, line: 0 })).toBe(false);
  });
});
