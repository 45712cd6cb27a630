import { arbiterConfigSchema, type ArbiterConfig } from '../../core/caws/arbiter-config.js';
import { checkArbiterConfig } from '../../core/caws/dialects/check-arbiter-config.js';
import { Fault } from '../../core/fault.js';
import type { CommitFacts, GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import { configPath } from '../constitution/constitution-files.js';

export type ConfigurationFaultCode = 'CONFIGURATION_INVALID';

/** `.caws/arbiter.yaml` of a commit; no gates where there is none. @throws CONFIGURATION_INVALID with the place */
export async function loadConfiguration(ports: Ports, git: GitSession, base: CommitFacts): Promise<ArbiterConfig> {
  const bytes = await git.readFile(base.id, configPath);
  if (bytes === null) return arbiterConfigSchema.parse({ version: 1 });
  const document = ports.documents.read(bytes, configPath);
  const { value, errors } = checkArbiterConfig(document.value);
  if (value !== null) return value;
  const [error] = errors;
  throw new Fault<ConfigurationFaultCode>(
    'CONFIGURATION_INVALID',
    `${configPath} is not valid: ${error?.message ?? ''}`,
    {
      mend: error?.hint ?? 'see schemas/arbiter-config.schema.json',
      place: { ...document.placeOf(error?.path ?? ''), file: configPath },
    },
  );
}
