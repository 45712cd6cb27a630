import { ulidPattern } from '../../ids.js';
import { escapeHidden } from '../verdict/double-quoted.js';

/** What a published commit says of its verdict. */
export interface VerdictTrailers {
  readonly verdictId: string;
  /** SHA-256 of `verdict.yaml`, in hex. */
  readonly sha256: string;
  /** Where the verdict stands in a ledger; null where the commit names no place. */
  readonly log: LogPlace | null;
}

/** A place in a log: the log's name, and the index of the entry. */
export interface LogPlace {
  readonly origin: string;
  readonly index: number;
}

const idKey = 'CAWS-VERDICT-ID';
const digestKey = 'CAWS-Verdict-SHA256';
const logKey = 'CAWS-Log';

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
    ...(trailers.log === null ? [] : [`${logKey}: ${trailers.log.origin}#${trailers.log.index}`]),
    ...(worker === null ? [] : [`Assisted-by: ${oneLine(worker.agent)}:${oneLine(worker.model)}`]),
  ];
  return `${oneLine(parts.subject).slice(0, 100)}\n\n${oneLine(parts.body)}\n\n${lines.join('\n')}\n`;
}

function oneLine(text: string): string {
  return escapeHidden(text.replaceAll(/\s+/g, ' ')).trim();
}

/**
 * Reads the trailers of a commit: `none` where there is not even one, words that say what is wrong where they are not
 * exactly one of each, and at most one place in a log, in the last paragraph.
 * @see git-interpret-trailers(1)
 */
export function readTrailers(message: string): VerdictTrailers | 'none' | { readonly wrong: string } {
  const all = message.split('\n').filter((line) => /^caws-(?:verdict-|log:)/i.test(line));
  if (all.length === 0) return 'none';
  const last = message.trimEnd().split(/\n\n+/).at(-1) ?? '';
  const values = (key: string): string[] =>
    last.split('\n').flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []));
  const [ids, digests, places] = [values(idKey), values(digestKey), values(logKey)];
  if (ids.length !== 1 || digests.length !== 1 || places.length > 1 || all.length !== 2 + places.length)
    return { wrong: `it does not hold exactly one ${idKey} and one ${digestKey} at its end` };
  return readValues(ids[0] ?? '', digests[0] ?? '', places[0]);
}

function readValues(verdictId: string, sha256: string, place: string | undefined): ReturnType<typeof readTrailers> {
  if (!ulidPattern.test(verdictId) || !/^[0-9a-f]{64}$/.test(sha256))
    return { wrong: `its ${idKey} or ${digestKey} is malformed` };
  if (place === undefined) return { verdictId, sha256, log: null };
  // The name of a log is that of a note's key: no blanks, no plus.
  const [, origin, index] = /^([^\s+#]+)#(0|[1-9]\d{0,14})$/.exec(place) ?? [];
  return origin === undefined || index === undefined
    ? { wrong: `its ${logKey} is malformed` }
    : { verdictId, sha256, log: { origin, index: Number(index) } };
}
