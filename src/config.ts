import { z } from 'zod';

/** What the environment may say. Everything else comes from flags and from the base commit. */
const configSchema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'is no postgresql:// address')
    .optional()
    .describe('A PostgreSQL of your own, in place of the embedded one.'),
  ARBITER_FSYNC: z.enum(['on', 'off']).optional().describe('off: faster, and not safe against a power cut.'),
  ARBITER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('Tasks that a worker drives at once.'),
  ARBITER_VERDICT_KEY: z.string().min(1).optional().describe('Path of the verdict key.'),
  XDG_CONFIG_HOME: z.string().min(1).optional(),
  XDG_CACHE_HOME: z.string().min(1).optional(),
  XDG_STATE_HOME: z.string().min(1).optional(),
  HOME: z.string().min(1).optional(),
});

export interface Config {
  readonly verdictKey: string | null;
  readonly databaseUrl: string | null;
  readonly durable: boolean;
  readonly concurrency: number;
  /** Where keys and pinned roots live, outside every repository. */
  readonly configHome: string;
  /** Where prepared dependencies live. */
  readonly cacheHome: string;
  /** Where verdicts go when no folder is named. */
  readonly stateHome: string;
}

/** Reads the environment once; unknown variables are none of ours. Empty variables count as not set. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, home: string): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const config = configSchema.parse(set);
  const root = config.HOME ?? home;
  return Object.freeze({
    verdictKey: config.ARBITER_VERDICT_KEY ?? null,
    databaseUrl: config.DATABASE_URL ?? null,
    durable: config.ARBITER_FSYNC !== 'off',
    concurrency: config.ARBITER_CONCURRENCY ?? 16,
    configHome: `${config.XDG_CONFIG_HOME ?? `${root}/.config`}/arbiter`,
    cacheHome: `${config.XDG_CACHE_HOME ?? `${root}/.cache`}/arbiter`,
    stateHome: `${config.XDG_STATE_HOME ?? `${root}/.local/state`}/arbiter`,
  });
}
