/** Where the files of the constitution stand in a repository (constitution §1). */
export const policyPath = '.caws/policy.yaml';
export const configPath = '.caws/arbiter.yaml';
export const singleSpecPath = '.caws/working-spec.yaml';
export const specFolder = '.caws/specs';
export const waiverFolder = '.caws/waivers';

/** The files of one commit, as a session of git gives them. Nothing here may come from the candidate. */
export interface ConstitutionSource {
  /** Null when the commit has no such file. */
  readFile(path: string): Promise<Uint8Array | null>;
  /** Whole paths of the files below a folder, in any order; none when there is no such folder. */
  listFiles(folder: string): Promise<readonly string[]>;
}

/** True for a name that ends as YAML files do. */
export function isYamlPath(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
