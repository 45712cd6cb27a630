import { describe, expect, it } from 'vitest';
import { assembleVerdict } from '../verdict/assemble-verdict.js';
import { facts as verdictFacts, hex } from '../verdict/fixtures/matter.js';
import { type CoverFacts, judgeCover } from './judge-cover.js';
import { publisher } from './publisher.js';

const verdict = assembleVerdict(verdictFacts({ trust: 'enforcing' }));
const signed = (name: string) => ({ state: 'valid', signer: name, principals: [name], keyId: 'SHA256:k' }) as const;
const covered: CoverFacts = {
  commit: { id: hex('c', 40), tree: hex('6', 40), parent: hex('4', 40) },
  repositoryId: hex('e'),
  trailers: { verdictId: verdict.verdict_id, sha256: hex('a'), log: null },
  distrust: null,
  commitSignature: signed(publisher),
  verdictSha256: hex('a'),
  verdict,
  verdictFault: null,
  verdictSignature: signed('arbiter'),
  recorded: { verdictId: verdict.verdict_id, commits: 1 },
  localCounts: false,
  logTrouble: null,
};
const foreign = { state: 'foreign', detail: 'nobody knows the key' } as const;

describe('the cover of a commit', () => {
  it('holds when everything agrees', () => {
    expect(judgeCover(covered)).toBeNull();
    expect(judgeCover({ ...covered, verdict: { ...verdict, trust: 'local' }, localCounts: true })).toBeNull();
  });

  it.each<[string, Partial<CoverFacts>]>([
    ['keyring', { distrust: 'not signed by the root' }],
    ['verdict-missing', { verdictSha256: null, verdict: null }],
    ['verdict-digest', { verdictSha256: hex('b') }],
    ['verdict-form', { verdict: null, verdictFault: 'it is not strict YAML' }],
    ['verdict-form', { verdict: { ...verdict, verdict_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } }],
    ['verdict-signature', { verdictSignature: foreign }],
    ['verdict-outcome', { verdict: { ...verdict, verdict: 'FAIL' } }],
    ['verdict-advisory', { verdict: { ...verdict, advisory: true } }],
    ['verdict-trust', { verdict: { ...verdict, trust: 'local' } }],
    ['other-repository', { repositoryId: hex('f') }],
    ['other-tree', { commit: { ...covered.commit, tree: hex('7', 40) } }],
    ['other-base', { commit: { ...covered.commit, parent: hex('5', 40) } }],
    ['unsigned', { commitSignature: foreign }],
    ['not-published', { commitSignature: signed('ada@example.org') }],
    ['not-published', { recorded: null }],
    ['log-place', { logTrouble: 'it names a#1 in a log, and its bundle stands at a#2' }],
    ['verdict-spent', { recorded: { verdictId: verdict.verdict_id, commits: 2 } }],
  ])('is refused as %s', (reason, change) => {
    const found = judgeCover({ ...covered, ...change });
    expect(found?.reason).toBe(reason);
    expect(found?.detail).not.toBe('');
  });
});
