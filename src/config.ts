import { z } from 'zod';

/** What the environment may say. Everything else comes from flags and from the base commit. */
const configSchema = z.object({
  ARBITER_VERDICT_KEY: z.string().min(1).optional().describe('Path of the verdict key.'),
  XDG_CONFIG_HOME: z.string().min(1).optional(),
  XDG_CACHE_HOME: z.string().min(1).optional(),
  XDG_STATE_HOME: z.string().min(1).optional(),
  HOME: z.string().min(1).optional(),
});

export interface Config {
  readonly verdictKey: string | null;
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
    configHome: `${config.XDG_CONFIG_HOME ?? `${root}/.config`}/arbiter`,
    cacheHome: `${config.XDG_CACHE_HOME ?? `${root}/.cache`}/arbiter`,
    stateHome: `${config.XDG_STATE_HOME ?? `${root}/.local/state`}/arbiter`,
  });
}
