import type { Waiver } from '../waiver.js';
import { isRecord, kindOfValue } from './plain-data.js';
import type { Checked, Problem } from './problem.js';

/** What the checks of both waiver dialects truly share. */

export function problemOfWaiver(rule: string, path: string, message: string, hint: string): Problem {
  return { rule: `waiver.schema.${rule}`, path, message, hint };
}

/** The answer for a file that is no single waiver: a list, a text, or the older file of many waivers. */
export function unlistedWaivers(value: unknown): Checked<Waiver> {
  const many = isRecord(value);
  const message = many ? 'several waivers in one file' : `a waiver is a mapping, found ${kindOfValue(value)}`;
  const hint = many ? 'write each waiver to its own file, .caws/waivers/<id>.yaml' : 'write key: value pairs';
  return { value: null, errors: [problemOfWaiver('invalid_id', many ? '/waivers' : '', message, hint)], warnings: [] };
}
