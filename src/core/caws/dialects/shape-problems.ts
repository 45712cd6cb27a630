import type { z } from 'zod';
import { kindOfValue, valueAt } from './plain-data.js';
import { type Problem, pointerTo } from './problem.js';

type Issue = z.core.$ZodIssue;

/** Gives a kind of issue at certain places its own rule; `<key>` in the rule stands for the field's name. */
export interface IssueName {
  /** A code of zod's, `unknown` for a field that the shape does not have, `missing` for one that the value has not. */
  readonly code: 'unknown' | 'missing' | Issue['code'];
  /** Of the JSON pointer. */
  readonly at: RegExp;
  readonly rule: string;
  readonly hint?: string;
}

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
 * Every way in which a value departs from a schema, as problems in the order of the schema. The first name that fits an
 * issue gives its rule, `otherwise` is the rule of all the rest. A value that fits gives none.
 */
export function findShapeProblems(
  schema: z.ZodType,
  value: unknown,
  otherwise: string,
  names: readonly IssueName[],
): Problem[] {
  const outcome = schema.safeParse(value);
  if (outcome.success) return [];
  const nameOf = (code: IssueName['code'], pointer: string): IssueName | undefined =>
    names.find((name) => name.code === code && name.at.test(pointer));
  return outcome.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = pointerTo(...issue.path, key);
        const name = nameOf('unknown', path);
        const hint = name?.hint ?? `remove "${key}": this dialect knows no such field here`;
        return { rule: name?.rule.replace('<key>', key) ?? otherwise, path, message: `unknown field "${key}"`, hint };
      });
    }
    const found = valueAt(value, issue.path);
    const path = pointerTo(...issue.path);
    const name = nameOf(found === undefined ? 'missing' : issue.code, path);
    const hint = name?.hint ?? hintOf(issue, found);
    return [{ rule: name?.rule ?? otherwise, path, message: describe(issue, found), hint }];
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
  const text = typeof value === 'object' && value !== null ? kindOfValue(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
