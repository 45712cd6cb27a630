import { type Verdict, verdictSchema } from '../../core/caws/verdict/verdict.js';
import { freezeDeep } from '../../core/freeze-deep.js';
import type { Documents } from '../../ports/documents.js';
import type { TaskStore } from '../../ports/task-store.js';

/** Where stored verdicts are read from, and by what. */
export interface VerdictSource {
  readonly tasks: Pick<TaskStore, 'getContent'>;
  readonly documents: Documents;
}

/** A verdict is read by who records, who logs and who learns within moments of being reached. */
const keptVerdicts = 64;

/** By who would read it again, and by the digest of its bytes: reading a verdict costs more than signing it. */
const known = new WeakMap<Documents, Map<string, Verdict>>();

/**
 * The verdict of a digest. It is asked for in the store first: what was erased there is not remembered here.
 * @throws CONTENT_MISSING, CONTENT_ERASED, YAML_INVALID, YAML_REFUSED, and what a schema throws
 */
export async function readStoredVerdict({ tasks, documents }: VerdictSource, sha256: string): Promise<Verdict> {
  const bytes = await tasks.getContent(sha256);
  const remembered = known.get(documents)?.get(sha256);
  const verdict = remembered ?? verdictSchema.parse(documents.read(bytes, 'verdict.yaml').value);
  rememberVerdict(documents, sha256, verdict);
  return verdict;
}

/** Spares those who read it soon the reading: `sha256` is of the bytes that `renderVerdict` has made of the verdict. */
export function rememberVerdict(documents: Documents, sha256: string, verdict: Verdict): void {
  const verdicts = known.get(documents) ?? new Map<string, Verdict>();
  known.set(documents, verdicts);
  verdicts.delete(sha256);
  verdicts.set(sha256, freezeDeep(verdict));
  const [oldest] = verdicts.keys();
  if (verdicts.size > keptVerdicts && oldest !== undefined) verdicts.delete(oldest);
}
