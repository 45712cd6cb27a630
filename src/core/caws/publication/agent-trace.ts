import { isWellFormed } from '../../digest.js';
import type { AddedLines } from './added-ranges.js';
import { type Evidence, sessionOf } from './evidence.js';

/** Where the record of a published commit lies on `refs/caws/ledger`. */
export function tracePath(commit: string): string {
  return `traces/${commit}.json`;
}

const maxModelId = 250;

/**
 * The Agent Trace record of a published commit, version 0.1.0: which lines of it an agent wrote. Everything in it is from
 * the verdict and the commit, so the same landing gives the same record. A model is named as the worker named it, and left
 * out where the format has no room for it; a path that is not Unicode is left out, as JSON cannot hold it.
 * @see https://agent-trace.dev (Agent Trace 0.1.0, January 2026, 6.1)
 */
export function composeAgentTrace({ verdict, worker, sha256, commit, added }: Evidence): string {
  const model = worker.model !== '' && worker.model.length <= maxModelId ? { model_id: worker.model } : {};
  const conversation = ({ ranges }: AddedLines) => ({
    contributor: { type: 'ai', ...model },
    ranges: ranges.map(({ from, to }) => ({ start_line: from, end_line: to })),
  });
  const record = {
    version: '0.1.0',
    id: uuidOf(verdict.nonce),
    timestamp: verdict.clock.wall,
    vcs: { type: 'git', revision: commit },
    tool: { name: worker.agent, version: worker.version },
    files: added
      .filter(({ path, ranges }) => ranges.length > 0 && isWellFormed(path))
      .map((file) => ({ path: file.path, conversations: [conversation(file)] })),
    metadata: { caws: { verdict_id: verdict.verdict_id, verdict_sha256: sha256, session: sessionOf(verdict) } },
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The verdict's own random bytes as a UUID of version 4. @see RFC 9562, 5.4 */
function uuidOf(nonce: string): string {
  const variant = '89ab'[Number.parseInt(nonce.charAt(16), 16) & 3] ?? '8';
  const hex = `${nonce.slice(0, 12)}4${nonce.slice(13, 16)}${variant}${nonce.slice(17, 32)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
