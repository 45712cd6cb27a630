import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createDocuments } from '../src/adapters/yaml/documents.js';

const folder = fileURLToPath(new URL('cases/constitution/', import.meta.url));

/** Rule and line of each problem, in order. */
const problems = z.array(z.tuple([z.string(), z.number().int()]));

const sheetSchema = z.strictObject({
  about: z.string(),
  kind: z.enum(['spec', 'policy', 'waiver']),
  dialect: z.enum(['A', 'B', 'C']),
  text: z.string(),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      /** The sheet's text with these pieces replaced, or a text of its own. */
      replace: z.record(z.string(), z.string()).default({}),
      text: z.string().optional(),
      expect: z.union([z.literal('valid'), problems]),
      warnings: problems.default([]),
    }),
  ),
});

export interface ConstitutionCase {
  readonly sheet: string;
  readonly name: string;
  readonly kind: 'spec' | 'policy' | 'waiver';
  readonly dialect: 'A' | 'B' | 'C';
  readonly text: string;
  readonly errors: readonly (readonly [string, number])[];
  readonly warnings: readonly (readonly [string, number])[];
}

/** Every case of the sheets under test/cases/constitution. A replacement that finds nothing is a mistake of the sheet. */
export function readConstitutionCases(): ConstitutionCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((sheet) => {
      const { value } = createDocuments().read(readFileSync(folder + sheet), sheet);
      const { cases, kind, dialect, text } = sheetSchema.parse(value);
      return cases.map((one) => ({
        sheet,
        name: one.name,
        kind,
        dialect,
        text: one.text ?? edit(text, one.replace, `${sheet}: ${one.name}`),
        errors: one.expect === 'valid' ? [] : one.expect,
        warnings: one.warnings,
      }));
    });
}

function edit(text: string, replace: Readonly<Record<string, string>>, where: string): string {
  let edited = text;
  for (const [piece, by] of Object.entries(replace)) {
    if (!edited.includes(piece)) throw new Error(`${where}: the text has no ${JSON.stringify(piece)}`);
    edited = edited.replace(piece, () => (by === '$long' ? 'x'.repeat(201) : by));
  }
  return edited;
}
