import { digestText, isWellFormed } from '../../digest.js';
import type { AddedLines, LineRange } from './added-ranges.js';
import { type Evidence, sessionOf } from './evidence.js';

/** The ref of git notes on which authorship logs are kept. */
export const authorshipRef = 'refs/notes/ai';

/**
 * The authorship log of a published commit, as git-ai reads it from a git note: which lines the agent's session added. A
 * path that the format cannot hold (a quote or a line end in it, or no Unicode) is left out.
 * @see Git AI Standard 3.0.0 (schema `authorship/3.0.0`), 1.2
 */
export function composeAuthorshipNote({ verdict, worker, sha256, added }: Evidence): string {
  const tool = worker.agent;
  const id = sessionOf(verdict);
  const session = `s_${digestText(`${tool}:${id}`).slice(0, 14)}`;
  // A trace is to be random and this note the same each time: the verdict's nonce is both.
  const key = `${session}::t_${verdict.nonce.slice(0, 14)}`;
  const metadata = {
    schema_version: 'authorship/3.0.0',
    base_commit_sha: verdict.base?.commit ?? '',
    prompts: {},
    sessions: {
      [session]: {
        agent_id: { tool, id, model: worker.model },
        custom_attributes: { caws_verdict_id: verdict.verdict_id, caws_verdict_sha256: sha256 },
      },
    },
  };
  const attested = added.filter(isHeld).map(({ path, ranges }) => `${pathLine(path)}\n  ${key} ${spell(ranges)}\n`);
  return `${attested.join('')}---\n${JSON.stringify(metadata, null, 2)}\n`;
}

function isHeld({ path, ranges }: AddedLines): boolean {
  return ranges.length > 0 && isWellFormed(path) && !/["\r\n]/.test(path);
}

/** Quoted also where a bare name would be read as the divider. */
function pathLine(path: string): string {
  return /\s/.test(path) || path === '---' ? `"${path}"` : path;
}

function spell(ranges: readonly LineRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
