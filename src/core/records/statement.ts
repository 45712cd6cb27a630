import { z } from 'zod';
import { canonicalJson } from '../canonical-json.js';
import type { Verdict } from '../caws/verdict/verdict.js';
import { renderVerdict } from '../caws/verdict/verdict-yaml.js';
import { digestBytes, encodeUtf8 } from '../digest.js';

/** What a statement of ours is about a verdict. A URN, as a domain could one day be another's. */
export const verdictPredicateType = 'urn:arbiter:attestation:verdict:v1';

const statementType = 'https://in-toto.io/Statement/v1';

const subjectSchema = z.strictObject({
  name: z.string().min(1),
  digest: z.record(z.string(), z.string().regex(/^[0-9a-f]+$/)),
});
export type Subject = z.infer<typeof subjectSchema>;

/** An in-toto Statement: a predicate about things that are named by their digests. @see in-toto attestation spec v1 */
export const statementSchema = z.strictObject({
  _type: z.literal(statementType),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.string().min(1),
  predicate: z.record(z.string(), z.json()),
});
export type Statement = z.infer<typeof statementSchema>;

/**
 * What a verdict is about: the candidate's tree, the base's commit, the diff as measured and the human copy's bytes.
 * What the verdict does not know is left out, and the human copy is always there.
 * @throws VERDICT_INVALID
 */
export function subjectsOf(verdict: Verdict): readonly Subject[] {
  const { change, base } = verdict;
  const diff = change?.diff_sha256 ?? null;
  return [
    ...(change === null ? [] : [{ name: 'change', digest: { gitTree: change.tree } }]),
    ...(base === null ? [] : [{ name: 'base', digest: { gitCommit: base.commit } }]),
    ...(diff === null ? [] : [{ name: 'change.diff', digest: { sha256: diff } }]),
    { name: 'verdict.yaml', digest: { sha256: digestBytes(renderVerdict(verdict)) } },
  ];
}

/** The statement of a verdict: the predicate is the verdict as `verdict.yaml` has it, integers only. @throws VERDICT_INVALID */
export function makeStatement(verdict: Verdict): Statement {
  return statementOf(subjectsOf(verdict), verdictPredicateType, { ...verdict });
}

/** A statement about subjects. */
export function statementOf(
  subject: readonly Subject[],
  predicateType: string,
  predicate: Statement['predicate'],
): Statement {
  return { _type: statementType, subject: [...subject], predicateType, predicate };
}

/** The bytes of a statement that are signed: RFC 8785 JSON. @throws JSON_NOT_CANONICAL */
export function encodeStatement(statement: Statement): Uint8Array {
  return encodeUtf8(canonicalJson(statement));
}
