import { ulidPattern } from '../../ids.js';
import { escapeHidden } from '../verdict/double-quoted.js';

/** What a published commit says of its verdict. */
export interface VerdictTrailers {
  readonly verdictId: string;
  /** SHA-256 of `verdict.yaml`, in hex. */
  readonly sha256: string;
}

const idKey = 'CAWS-VERDICT-ID';
const digestKey = 'CAWS-Verdict-SHA256';

/**
 * The message of a published commit. Whatever comes from a worker is put on one line, without hidden characters, so that
 * no name can add a trailer of its own. `worker` null: nobody is named.
 */
export function composeCommitMessage(parts: {
  readonly subject: string;
  readonly body: string;
  readonly trailers: VerdictTrailers;
  readonly worker: { readonly agent: string; readonly model: string } | null;
}): string {
  const { trailers, worker } = parts;
  const lines = [
    `${idKey}: ${trailers.verdictId}`,
    `${digestKey}: ${trailers.sha256}`,
    ...(worker === null ? [] : [`Assisted-by: ${oneLine(worker.agent)}:${oneLine(worker.model)}`]),
  ];
  return `${oneLine(parts.subject).slice(0, 100)}\n\n${oneLine(parts.body)}\n\n${lines.join('\n')}\n`;
}

function oneLine(text: string): string {
  return escapeHidden(text.replaceAll(/\s+/g, ' ')).trim();
}

/**
 * Reads the trailers of a commit: `none` where there is not even one, words that say what is wrong where they are not
 * exactly one of each in the last paragraph.
 * @see git-interpret-trailers(1)
 */
export function readTrailers(message: string): VerdictTrailers | 'none' | { readonly wrong: string } {
  const all = message.split('\n').filter((line) => /^caws-verdict-/i.test(line));
  if (all.length === 0) return 'none';
  const last = message.trimEnd().split(/\n\n+/).at(-1) ?? '';
  const values = (key: string): string[] =>
    last.split('\n').flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []));
  const [[verdictId = '', ...otherIds], [sha256 = '', ...otherDigests]] = [values(idKey), values(digestKey)];
  if (otherIds.length > 0 || otherDigests.length > 0 || all.length !== 2)
    return { wrong: `it does not hold exactly one ${idKey} and one ${digestKey} at its end` };
  if (!ulidPattern.test(verdictId) || !/^[0-9a-f]{64}$/.test(sha256))
    return { wrong: `its ${idKey} or ${digestKey} is malformed` };
  return { verdictId, sha256 };
}
