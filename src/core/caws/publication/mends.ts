import type { RefusalReason } from './range-report.js';

const judgeAgain = 'have the change examined on this very base, and publish it with arbiter publish';
const asPublished = 'take the commit as arbiter publish made it: fast-forward, no merge, rebase or squash';
const askRoot = 'see that .caws/keys/allowed_signers is signed by the root key, and that its root is pinned here';

/** What to do next, by what is wrong. */
export const mends: Readonly<Record<RefusalReason, string>> = {
  'merge-commit': asPublished,
  'root-commit': 'base the work on the history of the protected branch',
  'broken-chain': asPublished,
  unjudged: `${judgeAgain}; governance files (.caws) alone may be changed by a person’s own signed commit`,
  unsigned: 'sign it with a key that the keyring allows for namespace git (git commit -S, gpg.format ssh)',
  'not-published': asPublished,
  trailers: asPublished,
  keyring: askRoot,
  'verdict-missing':
    'push refs/caws/ledger together with the branch, or fetch it: git fetch origin refs/caws/ledger:refs/caws/ledger',
  'verdict-digest': judgeAgain,
  'verdict-form': judgeAgain,
  'verdict-signature': 'the verdict key must be in the keyring of the base for namespace caws-verdict',
  'verdict-outcome': 'mend what the verdict names, or ask for the waivers that it needs',
  'verdict-advisory': 'mend what makes it advisory, such as a sandbox that is off, and have it examined again',
  'verdict-trust':
    'have it judged where the key is kept from workers, list that key under enforcing_keys, or allow local verdicts with --allow-local',
  'log-place':
    'take the record as arbiter publish wrote it: git fetch origin refs/caws/ledger:refs/caws/ledger; else have the change judged again',
  'other-repository': judgeAgain,
  'other-tree': judgeAgain,
  'other-base': judgeAgain,
  'other-content':
    'keep this repository as evidence: bytes were put under the id of others; fetch the objects again from where the change was judged (git fsck names them)',
  'verdict-spent': judgeAgain,
  'ref-deleted': 'a protected ref is never deleted',
  'ref-forced': 'fetch, have the change examined on the new base, and push a fast-forward',
  'ref-created': 'a protected ref is made by whoever keeps the server, before the hook is installed',
  'ref-reserved': 'push refs/caws/ledger itself, as arbiter publish made it',
  'record-rewritten': 'fetch refs/caws/ledger and publish again: the record only grows',
  'record-unsigned': 'let arbiter publish write the record, with the publish key of the keyring',
};
