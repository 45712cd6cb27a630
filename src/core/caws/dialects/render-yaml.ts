import { doubleQuoted } from '../verdict/double-quoted.js';
import { isRecord } from './plain-data.js';

/** What can be written: no floats, no dates. Undefined fields are left out. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlRecord;
export interface YamlRecord {
  readonly [key: string]: YamlValue | undefined;
}

/**
 * Block YAML that YAML 1.1 and 1.2 readers take alike: plain scalars only where no reader could see anything but the
 * text, else double quotes. Fields in the order given; the same value gives the same bytes. ASCII only.
 */
export function renderYaml(record: YamlRecord): string {
  return `${linesOfRecord(record, '').join('\n')}\n`;
}

function linesOfRecord(record: YamlRecord, indent: string): string[] {
  return Object.entries(record).flatMap(([key, value]) =>
    value === undefined ? [] : linesOfEntry(`${indent}${scalar(key)}:`, value, indent),
  );
}

function linesOfEntry(start: string, value: YamlValue, indent: string): string[] {
  if (Array.isArray(value)) {
    const items: readonly YamlValue[] = value;
    return items.length === 0 ? [`${start} []`] : [start, ...items.flatMap((item) => linesOfItem(item, `${indent}  `))];
  }
  if (!isRecord(value)) return [`${start} ${scalar(value as string | number | boolean | null)}`];
  const lines = linesOfRecord(value, `${indent}  `);
  return lines.length === 0 ? [`${start} {}`] : [start, ...lines];
}

function linesOfItem(item: YamlValue, indent: string): string[] {
  if (!isRecord(item)) return linesOfEntry(`${indent}-`, item, indent);
  const [first, ...others] = linesOfRecord(item, `${indent}  `);
  return first === undefined ? [`${indent}- {}`] : [`${indent}- ${first.trimStart()}`, ...others];
}

// Starts with a letter, ends with no space, holds nothing that YAML could take for a mark.
const plain = /^[A-Za-z](?:[A-Za-z0-9_./()-]| (?=[A-Za-z0-9(]))*$/;
const reserved = /^(null|true|false|yes|no|on|off|y|n)$/i;

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  return plain.test(value) && !reserved.test(value) ? value : doubleQuoted(value);
}
