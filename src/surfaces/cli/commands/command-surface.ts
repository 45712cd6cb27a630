import type { Terminal } from '../terminal.js';

export type Flags = Readonly<Record<string, unknown>>;

/** How one operation looks on the command line: flags → input, output → text and exit code. No rules live here. */
export interface CommandSurface<Input, Output> {
  shape(flags: Flags, terminal: Terminal): Input | Promise<Input>;
  show(output: Output, terminal: Terminal): string;
  exitCode(output: Output): number;
}

/** A text flag, or undefined. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** A number flag, or undefined. */
export function numberOf(flags: Flags, name: string): number | undefined {
  const value = flags[name];
  return typeof value === 'number' ? value : undefined;
}

/** The texts of a repeatable flag; none when it was not given. */
export function textsOf(flags: Flags, name: string): string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** The object without its undefined values, as exactOptionalPropertyTypes wants it. */
export function definedOnly<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // The filter takes out what the type says is gone.
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
