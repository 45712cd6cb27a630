import type { z } from 'zod';
import { kindOfValue, valueAt } from './plain-data.js';
import { type Problem, pointerTo } from './problem.js';

type Issue = z.core.$ZodIssue;

/** Names the rule of an issue, and a hint where the general one will not do. `key` is set for an unknown field. */
export type NameIssue = (
  issue: Issue,
  pointer: string,
  found: unknown,
  key: string | null,
) => { readonly rule: string; readonly hint?: string } | null;

const wordOfType: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/**
 * Every way in which a value departs from a schema, as problems in the order of the schema. `name` maps an issue to its
 * own rule; `otherwise` is the rule of all the rest. A value that fits gives none.
 */
export function findShapeProblems(schema: z.ZodType, value: unknown, otherwise: string, name: NameIssue): Problem[] {
  const outcome = schema.safeParse(value);
  if (outcome.success) return [];
  return outcome.error.issues.flatMap((issue) => problemsOf(issue, value, otherwise, name));
}

function problemsOf(issue: Issue, value: unknown, otherwise: string, name: NameIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') {
    const pointer = pointerTo(...issue.path);
    const found = valueAt(value, issue.path);
    const named = name(issue, pointer, found, null);
    const message = describe(issue, found);
    return [{ rule: named?.rule ?? otherwise, path: pointer, message, hint: named?.hint ?? hintOf(issue, found) }];
  }
  return issue.keys.map((key) => {
    const pointer = pointerTo(...issue.path, key);
    const named = name(issue, pointer, valueAt(value, [...issue.path, key]), key);
    const hint = named?.hint ?? `remove "${key}": this dialect knows no such field here`;
    return { rule: named?.rule ?? otherwise, path: pointer, message: `unknown field "${key}"`, hint };
  });
}

function describe(issue: Issue, found: unknown): string {
  const name = issue.path.length === 0 ? 'the file' : `"${issue.path.map(String).join('.')}"`;
  if (found === undefined) return `${name} is missing`;
  switch (issue.code) {
    case 'invalid_type':
      return `${name} must be ${wordOfType[issue.expected] ?? issue.expected}, found ${kindOfValue(found)}`;
    case 'invalid_value':
      return `${name} must be ${oneOf(issue.values)}, found ${shown(found)}`;
    case 'too_small':
      return `${name} must ${boundOf(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `${name} must ${boundOf(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'invalid_format':
      return `${name} does not have the form asked for, found ${shown(found)}`;
    default:
      return `${name} ${issue.message}`;
  }
}

function hintOf(issue: Issue, found: unknown): string {
  const last = String(issue.path.at(-1) ?? '');
  if (found === undefined) return `add ${last === '' ? 'content' : `"${last}"`}`;
  if (issue.code === 'invalid_value') return `use ${oneOf(issue.values)}`;
  if (issue.code === 'too_small' && issue.origin === 'array') return `add an entry to "${last}"`;
  if (issue.code === 'invalid_format' && 'pattern' in issue) return `write it as ${String(issue.pattern)}`;
  return `mend "${last}" as the message says`;
}

function boundOf(origin: string, bound: string, limit: number): string {
  if (origin === 'array') return `have ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  if (origin === 'string') return `have ${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  return `be ${bound} ${limit}`;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? shown(values[0]) : `one of ${values.map((value) => String(value)).join(', ')}`;
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return kindOfValue(value);
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
