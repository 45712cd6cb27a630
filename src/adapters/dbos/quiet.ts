import type { DLogger } from '@dbos-inc/dbos-sdk';

/** DBOS talks to the console; what a person has to know comes from us. */
export const silentLogger = {
  info: () => undefined,
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} as unknown as DLogger;

const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** Runs something that writes to the console by its own logger, without its lines. */
export async function inQuiet<Result>(run: () => Promise<Result>): Promise<Result> {
  const kept = methods.map((name) => [name, console[name]] as const);
  for (const name of methods) console[name] = () => undefined;
  try {
    return await run();
  } finally {
    for (const [name, method] of kept) console[name] = method;
  }
}
