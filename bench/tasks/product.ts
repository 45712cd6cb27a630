import { fileURLToPath } from 'node:url';

/**
 * A module of the compiled product, by its path under `src`: what is measured is what is shipped, not what a compiler on
 * the fly makes of it.
 */
export async function product<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../../dist/${path}.js`, import.meta.url).href)) as Module;
}

/** The compiled command line. */
export const builtCli = fileURLToPath(new URL('../../bin/main.js', import.meta.url));
