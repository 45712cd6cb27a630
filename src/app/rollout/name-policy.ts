import { isFault } from '../../core/fault.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import { policyKey, plainOptions } from '../../core/routing/policy-key.js';
import { type PolicyOptions, policyOptionsSchema } from '../../core/routing/policy-options.js';
import { type PolicyWord, policyOfWord, readPolicyWord } from '../../core/routing/policy-word.js';
import type { Ports } from '../../ports/ports.js';
import { loadConfiguration } from '../gates/load-configuration.js';
import { useRepository } from '../use-repository.js';

/** Where the words of policies are looked up: files, and the rollouts that there were. */
export interface PolicyPlace {
  readonly ports: Pick<Ports, 'files' | 'documents'>;
  readonly rollouts: readonly Rollout[];
}

/**
 * The policy that a person names: a file of options, a key that a rollout has told, `NAME@1` (nothing but the name is
 * said), or `NAME:key=value,…`, whose trade and floor are those of `beside` where it does not say them.
 * @throws POLICY_WORD_INVALID, FILE_MISSING, FILE_UNREADABLE, YAML_INVALID, YAML_REFUSED
 */
export async function namePolicy(
  { ports, rollouts }: PolicyPlace,
  word: string,
  beside: PolicyOptions | null,
): Promise<PolicyOptions> {
  if (/\.(ya?ml|json)$/.test(word)) return policyOfWord(await readFileWord(ports, word), beside);
  const told = rollouts.flatMap(({ brought }) =>
    brought?.what === 'policies' ? [brought.incumbent, brought.candidate] : [],
  );
  const known = told.find((one) => policyKey(one) === word);
  if (known !== undefined) return known;
  const plain = policyOptionsSchema.options.map(({ shape }) => plainOptions(shape.name.value));
  const exact = plain.find((one) => policyKey(one) === word);
  return exact ?? policyOfWord(readPolicyWord(word), beside);
}

async function readFileWord({ files, documents }: PolicyPlace['ports'], file: string): Promise<PolicyWord> {
  const { value } = documents.read(await files.readFile(file), file);
  const { name, ...said } = typeof value === 'object' && value !== null ? { name: '', ...value } : { name: '' };
  return { name: String(name), said };
}

/** The policy that a repository's configuration names, or that it gets for naming none; null where the folder is no repository. */
export async function configuredPolicy(
  ports: Ports,
  directory: string,
  signal: AbortSignal,
): Promise<PolicyOptions | null> {
  try {
    return await useRepository(ports, directory, signal, async (git) => {
      const { routing } = await loadConfiguration(ports, git, await git.resolveCommit('HEAD'));
      return routing.policy;
    });
  } catch (error) {
    if (isFault(error, 'NOT_A_REPOSITORY') || isFault(error, 'UNKNOWN_REVISION')) return null;
    throw error;
  }
}
