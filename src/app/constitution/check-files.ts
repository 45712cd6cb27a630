import { z } from 'zod';
import { type CheckedIn, checkValue } from '../../core/caws/dialects/check-value.js';
import { detectDialect } from '../../core/caws/dialects/detect-dialect.js';
import { type ConstitutionKind, detectKind } from '../../core/caws/dialects/detect-kind.js';
import type { Problem } from '../../core/caws/dialects/problem.js';
import { dialectSchema } from '../../core/caws/working-spec.js';
import { type Place, isFault } from '../../core/fault.js';
import type { Documents, ParsedDocument } from '../../ports/documents.js';
import type { Files } from '../../ports/files.js';

const constitutionKindSchema = z.enum(['spec', 'policy', 'waiver']);

const count = z.number().int().positive();

/** A problem of a file with its place. Line and column count from 1; null where the file could not be read at all. */
export const placedProblemSchema = z.strictObject({
  rule: z.string().min(1),
  path: z.string().describe('JSON pointer into the file’s value.'),
  line: count.nullable(),
  column: count.nullable(),
  message: z.string().min(1),
  hint: z.string().min(1),
});
export type PlacedProblem = z.infer<typeof placedProblemSchema>;

/** What was found in one file. `kind` and `dialect` are null where the file could not be read and none was asked for. */
export const fileCheckSchema = z
  .strictObject({
    file: z.string().min(1),
    kind: constitutionKindSchema.nullable(),
    dialect: dialectSchema.nullable(),
    valid: z.boolean(),
    errors: z.array(placedProblemSchema),
    warnings: z.array(placedProblemSchema),
  })
  .meta({ id: 'FileCheck' });
export type FileCheck = z.infer<typeof fileCheckSchema>;

export const checkFilesInputSchema = z.strictObject({
  files: z.array(z.string().min(1)).min(1),
  dialect: z.enum(['auto', 'A', 'B', 'C']).default('auto'),
  kind: z.enum(['auto', 'spec', 'policy', 'waiver']).default('auto'),
});
export type CheckFilesInput = z.infer<typeof checkFilesInputSchema>;

const maxBytes = 1_048_576;

/** So many files are read side by side: most of the time of a small file is spent waiting for it. */
const openAtOnce = 32;

/**
 * Checks files of the constitution, in the order given. Never throws for what a file holds: a file that is not there,
 * cannot be read or is broken YAML is an entry that is not valid, with the place where that is known.
 */
export async function checkFiles(
  ports: { readonly files: Pick<Files, 'readFile'>; readonly documents: Documents },
  input: CheckFilesInput,
): Promise<FileCheck[]> {
  const checks: FileCheck[] = [];
  for (let start = 0; start < input.files.length; start += openAtOnce) {
    const batch = input.files.slice(start, start + openAtOnce);
    checks.push(...(await Promise.all(batch.map((file) => checkFile(ports, file, input)))));
  }
  return checks;
}

async function checkFile(
  ports: { readonly files: Pick<Files, 'readFile'>; readonly documents: Documents },
  file: string,
  asked: CheckFilesInput,
): Promise<FileCheck> {
  try {
    const document = ports.documents.read(await ports.files.readFile(file, { maxBytes }), file);
    return checkDocument(document, file, asked);
  } catch (error) {
    if (!isFault(error)) throw error;
    const { message, mend, place } = error;
    const problem = { rule: ruleOfFault(error.code), path: '', message, hint: mend };
    return {
      file,
      kind: asked.kind === 'auto' ? detectKind(null, file) : asked.kind,
      dialect: asked.dialect === 'auto' ? null : asked.dialect,
      valid: false,
      errors: [placed(problem, place ?? {})],
      warnings: [],
    };
  }
}

function checkDocument(document: ParsedDocument, file: string, asked: CheckFilesInput): FileCheck {
  const { value } = document;
  const kind = asked.kind === 'auto' ? (detectKind(value, file) ?? 'spec') : asked.kind;
  const checked = value === null ? emptyFile(kind, asked) : checkValue(kind, value, asked.dialect);
  const place = (problem: Problem): PlacedProblem => placed(problem, document.placeOf(problem.path));
  return {
    file,
    kind,
    dialect: checked.dialect,
    valid: checked.errors.length === 0,
    errors: checked.errors.map(place),
    warnings: checked.warnings.map(place),
  };
}

function emptyFile(kind: ConstitutionKind, asked: CheckFilesInput): CheckedIn<never> {
  const dialect = asked.dialect === 'auto' ? detectDialect(kind, null) : asked.dialect;
  const problem = {
    rule: `${kind}.yaml.empty_document`,
    path: '',
    message: 'the file is empty',
    hint: 'write its fields',
  };
  return { value: null, errors: [problem], warnings: [], dialect };
}

function placed(problem: Problem, place: Place): PlacedProblem {
  const { rule, path, message, hint } = problem;
  return { rule, path, line: place.line ?? null, column: place.column ?? null, message, hint };
}

function ruleOfFault(code: string): string {
  if (code === 'YAML_INVALID') return 'yaml.invalid';
  return code === 'YAML_REFUSED' || code === 'FILE_TOO_LARGE' ? 'yaml.refused' : 'yaml.unreadable';
}
