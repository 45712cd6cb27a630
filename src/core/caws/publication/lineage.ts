/** A commit of a range, as its own bytes say. */
interface Linked {
  readonly id: string;
  readonly parents: readonly string[];
}

/** How a range hangs together. */
export interface Lineage {
  /** For each commit beside the line of first parents, the merge of that line that brought it in. */
  readonly broughtBy: ReadonlyMap<string, string>;
  /** Where it does not hang together, and why; null when it does. */
  readonly broken: { readonly commit: string; readonly detail: string } | null;
}

/**
 * Follows first parents from head down to base, and what each merge on that line brings. The line has to lead to base
 * itself: a merge whose first parent stood below would be judged against that, and could take back unseen what came since.
 * Every commit of the range has to hang on the line. Linear in commits and parents; total.
 * @param commits what head has and base does not, in any order
 */
export function traceLineage(base: string, head: string, commits: readonly Linked[]): Lineage {
  const known = new Map(commits.map((commit) => [commit.id, commit]));
  const line: Linked[] = [];
  let at = head;
  while (at !== base) {
    const commit = known.get(at);
    if (commit === undefined) return { broughtBy: new Map(), broken: strayed(base, head, line.at(-1)) };
    line.push(commit);
    // A commit is met once: whoever forges a circle of ids comes to a commit that is not there.
    known.delete(at);
    at = commit.parents[0] ?? '';
  }
  const broughtBy = new Map<string, string>();
  // The oldest first: what two merges reach was brought by the first of them.
  for (const merge of line.reverse()) bring(merge, known, broughtBy);
  const [loose] = known.values();
  const broken = loose === undefined ? null : { commit: loose.id, detail: `nothing leads to it from ${head}` };
  return { broughtBy, broken };
}

function strayed(base: string, head: string, last: Linked | undefined): NonNullable<Lineage['broken']> {
  const detail = `first parents lead from ${head} past ${base}: what came before it would be judged against something else`;
  return { commit: last?.id ?? head, detail };
}

function bring(merge: Linked, rest: Map<string, Linked>, broughtBy: Map<string, string>): void {
  const open = merge.parents.slice(1);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const commit = rest.get(id);
    if (commit === undefined) continue;
    rest.delete(id);
    broughtBy.set(id, merge.id);
    open.push(...commit.parents);
  }
}
