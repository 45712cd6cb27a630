/** Where things of the user live, outside every repository. Absolute paths. */
export interface Places {
  readonly configHome: string;
  readonly cacheHome: string;
  /** Where verdicts go when no folder is named. */
  readonly stateHome: string;
  /** The verdict key that the environment names, or null. */
  readonly verdictKey: string | null;
}
