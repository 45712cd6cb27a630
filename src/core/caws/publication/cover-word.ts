import { type VerdictTrailers, readTrailers } from './trailers.js';

const coversKey = 'CAWS-Covers';

/** That a verdict covers a commit that was there before it. */
export interface CoverWord {
  readonly commit: string;
  readonly trailers: VerdictTrailers;
}

/** The message of the record's commit that says so; the publish key signs it, and with it this very pair. */
export function composeCoverWord({ commit, trailers }: CoverWord): string {
  const { verdictId, sha256 } = trailers;
  return `verdict ${verdictId} covers ${commit}\n\nCAWS-VERDICT-ID: ${verdictId}\nCAWS-Verdict-SHA256: ${sha256}\n${coversKey}: ${commit}\n`;
}

/** Reads such a message; null for any other, and for another spelling of one. */
export function readCoverWord(message: string): CoverWord | null {
  const commit = /^CAWS-Covers: ([0-9a-f]{40}|[0-9a-f]{64})$/m.exec(message)?.[1];
  const trailers = readTrailers(message);
  if (commit === undefined || trailers === 'none' || 'wrong' in trailers) return null;
  const word = { commit, trailers: { verdictId: trailers.verdictId, sha256: trailers.sha256, log: null } };
  return composeCoverWord(word) === message ? word : null;
}

/** Where the record keeps that word's place: one file a commit and verdict, which holds the verdict's id. */
export function coverPath({ commit, trailers }: CoverWord): string {
  return `covers/${commit}/${trailers.verdictId}`;
}
