import { type Checked } from '../../core/caws/dialects/problem.js';
import { type Finding, type Rule, findingOf } from '../../core/caws/finding.js';
import { isFault } from '../../core/fault.js';
import { freezeDeep } from '../../core/freeze-deep.js';
import type { Documents, ParsedDocument } from '../../ports/documents.js';

/** What was made of a file: its value, or findings with the lines at fault. Never both. */
export interface ReadDocument<Value> {
  readonly value: Value | null;
  readonly findings: readonly Finding[];
}

type Check<Value> = (value: unknown) => Checked<Value>;

/** What checks made of a document. Who serves tasks reads the same few files of the law for every one of them. */
const made = new WeakMap<ParsedDocument, Map<Check<unknown>, Checked<unknown>>>();

function checkOnce<Value>(document: ParsedDocument, check: Check<Value>): Checked<Value> {
  const checks = made.get(document) ?? new Map<Check<unknown>, Checked<unknown>>();
  made.set(document, checks);
  // A check's own result is all that is ever kept under it.
  const checked = (checks.get(check) as Checked<Value> | undefined) ?? freezeDeep(check(document.value));
  checks.set(check, checked);
  return checked;
}

/**
 * Reads and checks one file of the constitution. What is wrong with it is a judgement on the repository, so it comes
 * back as findings of `rule`, each with its line.
 */
export function readDocument<Value>(
  documents: Documents,
  path: string,
  bytes: Uint8Array,
  rule: Rule,
  check: Check<Value>,
): ReadDocument<Value> {
  try {
    const document = documents.read(bytes, path);
    const { value, errors } = checkOnce(document, check);
    const findings = errors.map((error) =>
      findingOf(rule, `${error.message} (${error.rule}${error.path === '' ? '' : ` at ${error.path}`})`, {
        path,
        line: document.placeOf(error.path).line ?? null,
        mend: error.hint,
      }),
    );
    return { value, findings };
  } catch (error) {
    if (!isFault(error, 'YAML_INVALID') && !isFault(error, 'YAML_REFUSED')) throw error;
    const at = { path, line: error.place?.line ?? null, mend: error.mend };
    return { value: null, findings: [findingOf(rule, error.message, at)] };
  }
}
