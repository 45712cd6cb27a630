import type { SignatureState } from '../keys/signature-state.js';
import type { Verdict } from '../verdict/verdict.js';
import { isPublisher } from './publisher.js';
import type { RefusalReason } from './range-report.js';
import type { VerdictTrailers } from './trailers.js';

/** Everything that a commit's cover by a verdict is judged by. What could not be had is null. */
export interface CoverFacts {
  readonly commit: { readonly id: string; readonly tree: string; readonly parent: string };
  readonly repositoryId: string;
  readonly trailers: VerdictTrailers;
  /** Why the keyring at the parent is not believed; null when it is. */
  readonly distrust: string | null;
  readonly commitSignature: SignatureState;
  /** SHA-256 of the recorded `verdict.yaml`; null where none is recorded under that id. */
  readonly verdictSha256: string | null;
  /** Null where it is none, with the reason in `verdictFault`. */
  readonly verdict: Verdict | null;
  readonly verdictFault: string | null;
  readonly verdictSignature: SignatureState;
  /** The verdict that the record gives to this commit, and how many commits it gives that verdict to. */
  readonly recorded: { readonly verdictId: string; readonly commits: number } | null;
  readonly localCounts: boolean;
  /** Why the bundle on the record does not prove the place in a log that the commit names; null where nothing is wrong. */
  readonly logTrouble: string | null;
}

interface Wrong {
  readonly reason: RefusalReason;
  readonly detail: string;
}

type Rule = (facts: CoverFacts) => Wrong | null;

const wrong = (when: boolean, reason: RefusalReason, detail: string): Wrong | null =>
  when ? { reason, detail } : null;

const stateOf = (state: SignatureState): string => (state.state === 'valid' ? '' : `${state.state}: ${state.detail}`);

/** In this order: what the commit claims, whether the claim is real, then whether it is about this very commit. */
const rules: readonly Rule[] = [
  ({ distrust }) => wrong(distrust !== null, 'keyring', distrust ?? ''),
  ({ trailers, verdictSha256 }) =>
    wrong(verdictSha256 === null, 'verdict-missing', `no verdict ${trailers.verdictId} is on refs/caws/ledger`),
  ({ trailers, verdictSha256 }) =>
    wrong(
      verdictSha256 !== trailers.sha256,
      'verdict-digest',
      'the recorded verdict has another SHA-256 than it names',
    ),
  ({ verdict, verdictFault }) => wrong(verdict === null, 'verdict-form', verdictFault ?? 'it is no verdict'),
  ({ verdict, trailers }) =>
    wrong(verdict?.verdict_id !== trailers.verdictId, 'verdict-form', 'the recorded verdict has another id'),
  ({ verdictSignature }) =>
    wrong(
      verdictSignature.state !== 'valid',
      'verdict-signature',
      `the verdict is not signed: ${stateOf(verdictSignature)}`,
    ),
  ({ verdict }) =>
    wrong(verdict?.verdict !== 'PASS', 'verdict-outcome', `the verdict is ${verdict?.verdict ?? 'none'}, not PASS`),
  ({ verdict }) =>
    wrong(verdict?.advisory === true, 'verdict-advisory', `the verdict only advises: ${adviceOf(verdict)}`),
  ({ verdict, localCounts }) =>
    wrong(
      verdict?.trust !== 'enforcing' && !localCounts,
      'verdict-trust',
      'the verdict is local: it advises, and does not count at a protected ref',
    ),
  ({ verdict, repositoryId }) =>
    wrong(verdict?.repo_id !== repositoryId, 'other-repository', 'the verdict is about another repository'),
  ({ verdict, commit }) =>
    wrong(
      verdict?.change?.tree !== commit.tree,
      'other-tree',
      `the verdict judged tree ${verdict?.change?.tree ?? 'none'}, and the commit holds ${commit.tree}`,
    ),
  ({ verdict, commit }) =>
    wrong(
      verdict?.base?.commit !== commit.parent,
      'other-base',
      `the verdict judged against ${verdict?.base?.commit ?? 'nothing'}, and the commit stands on ${commit.parent}`,
    ),
  ({ commitSignature }) =>
    wrong(
      commitSignature.state !== 'valid',
      'unsigned',
      `the commit is not signed by the publish key: ${stateOf(commitSignature)}`,
    ),
  ({ commitSignature }) =>
    wrong(!isPublisher(commitSignature), 'not-published', 'it bears a verdict, and was not made by arbiter publish'),
  ({ recorded, trailers }) =>
    wrong(
      recorded?.verdictId !== trailers.verdictId,
      'not-published',
      'the record does not give this verdict to this commit',
    ),
  ({ logTrouble }) => wrong(logTrouble !== null, 'log-place', logTrouble ?? ''),
  ({ recorded }) =>
    wrong((recorded?.commits ?? 0) > 1, 'verdict-spent', 'the record gives this verdict to more than one commit'),
];

function adviceOf(verdict: Verdict | null): string {
  return verdict?.advisory_reasons.map(({ message }) => message).join('; ') ?? '';
}

/** What is wrong with a commit's cover, the first thing only; null when a verdict covers exactly this commit. Total. */
export function judgeCover(facts: CoverFacts): Wrong | null {
  for (const rule of rules) {
    const found = rule(facts);
    if (found !== null) return found;
  }
  return null;
}
