import type { CommitDetail } from '../../ports/git.js';
import { parseCommit } from './resolve-commit.js';

const IDENTITY = 'Arbiter <arbiter@localhost>';

/** What a commit of ours holds. `parent` null: the first of its history. */
export interface CommitText {
  readonly tree: string;
  readonly parent: string | null;
  readonly message: string;
  readonly atMs: number;
}

/** The bytes of a commit by Arbiter's fixed identity, unsigned; the same text gives the same bytes. */
export function composeCommit({ tree, parent, message, atMs }: CommitText): Buffer {
  const who = `${IDENTITY} ${Math.floor(atMs / 1000)} +0000`;
  const above = parent === null ? '' : `parent ${parent}\n`;
  const words = message.replaceAll('\0', '').trimEnd();
  return Buffer.from(`tree ${tree}\n${above}author ${who}\ncommitter ${who}\n\n${words}\n`);
}

/**
 * The commit with its signature in the header, as `git commit -S` puts it there: each further line behind a space.
 * @see https://git-scm.com/docs/gitformat-signature
 */
export function signCommit(unsigned: Buffer, signature: string, format: 'sha1' | 'sha256'): Buffer {
  const end = unsigned.indexOf('\n\n') + 1;
  const header = `${signatureHeader(format)} ${signature.trimEnd().replaceAll('\n', '\n ')}\n`;
  return Buffer.concat([unsigned.subarray(0, end), Buffer.from(header), unsigned.subarray(end)]);
}

/** Reads a commit and takes its signature apart from what it is over. @throws GIT_FAILED when it is malformed */
export function readCommitDetail(id: string, bytes: Buffer): CommitDetail {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\n\n') < 0 ? text.length : text.indexOf('\n\n') + 1;
  const { kept, signature } = splitHeader(text.slice(0, end), id.length === 64 ? 'sha256' : 'sha1');
  return {
    ...parseCommit(id, text),
    message: bytes.subarray(end + 1).toString('utf8'),
    signature: signature === '' ? null : signature,
    signedBytes: Buffer.from(kept + text.slice(end), 'latin1'),
  };
}

// A commit with two signatures gives them one after the other, which is no signature that anybody takes.
function splitHeader(header: string, format: 'sha1' | 'sha256'): { kept: string; signature: string } {
  const wanted = signatureHeader(format);
  let kept = '';
  let signature = '';
  for (const [field = ''] of header.matchAll(/[^\n]*\n(?: [^\n]*\n)*/g)) {
    const name = field.slice(0, field.indexOf(' '));
    if (name === wanted) signature += field.slice(wanted.length + 1).replaceAll('\n ', '\n');
    else if (name !== 'gpgsig' && name !== 'gpgsig-sha256') kept += field;
  }
  return { kept, signature };
}

function signatureHeader(format: 'sha1' | 'sha256'): string {
  return format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
}
