import { type AllowedSigner, parseAllowedSigners } from './allowed-signers.js';
import type { SignerLine } from './signer-line.js';

/** A line to be added: who, in which namespaces, with which key (`ssh-ed25519 AAAA…`). */
export interface NewSigner {
  readonly principal: string;
  readonly namespaces: readonly string[];
  readonly publicKey: string;
}

/** Adds a line at the end, unless a line has this key already. All else stays byte for byte. */
export function addSigner(text: string, { principal, namespaces, publicKey }: NewSigner): string {
  if (linesOf(text, keyOf(publicKey)).length > 0) return text;
  return `${endLine(text)}${principal} namespaces="${namespaces.join(',')}" ${publicKey}\n`;
}

/**
 * Ends the period of each line of a key at an instant, whole seconds; a line that ended before stays. A line that would
 * end before it begins loses its beginning: ssh-keygen stops reading a file at such a line.
 */
export function endSigner(text: string, key: string, atMs: number): string {
  const validBeforeMs = Math.floor(atMs / 1000) * 1000;
  const ended = linesOf(text, key).filter(
    (entry) => entry.validBeforeMs === null || entry.validBeforeMs > validBeforeMs,
  );
  return rewrite(text, ended, (entry) => {
    const keepsStart = entry.validAfterMs !== null && entry.validAfterMs < validBeforeMs;
    return { ...entry, validAfterMs: keepsStart ? entry.validAfterMs : null, validBeforeMs };
  });
}

/**
 * Puts a new key beside an old one: the old line ends now, and a line like it begins now with the new key. Doing it
 * again changes nothing. Null when no line has either key.
 */
export function rotateSigner(text: string, oldKey: string, publicKey: string, atMs: number): string | null {
  const [newType = '', newKey = ''] = publicKey.split(' ');
  const old = linesOf(text, oldKey);
  const isThere = linesOf(text, newKey).length > 0;
  if (old.length === 0 && !isThere) return null;
  const validAfterMs = Math.floor(atMs / 1000) * 1000;
  const added = isThere
    ? []
    : old.map((entry) => renderLine({ ...entry, keyType: newType, key: newKey, validAfterMs, validBeforeMs: null }));
  return `${endLine(endSigner(text, oldKey, atMs))}${added.map((line) => `${line}\n`).join('')}`;
}

/** The base64 part of `ssh-ed25519 AAAA…`. */
export function keyOf(publicKey: string): string {
  return publicKey.split(' ')[1] ?? '';
}

function linesOf(text: string, key: string): AllowedSigner[] {
  return parseAllowedSigners(text).entries.filter((entry) => entry.key === key);
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function rewrite(
  text: string,
  entries: readonly AllowedSigner[],
  change: (entry: AllowedSigner) => SignerLine,
): string {
  const byLine = new Map(entries.map((entry) => [entry.line, entry]));
  return text
    .split('\n')
    .map((raw, index) => {
      const entry = byLine.get(index + 1);
      if (entry === undefined) return raw;
      // What stands behind the key is somebody's comment.
      return `${renderLine(change(entry))}${raw.slice(raw.indexOf(entry.key) + entry.key.length)}`;
    })
    .join('\n');
}

function renderLine({ principals, namespaces, validAfterMs, validBeforeMs, keyType, key }: SignerLine): string {
  const names = principals.join(',');
  const options = [
    ...(namespaces === null ? [] : [`namespaces="${namespaces.join(',').replaceAll(/["\\]/g, '\\$&')}"`]),
    ...(validAfterMs === null ? [] : [`valid-after="${renderTime(validAfterMs)}"`]),
    ...(validBeforeMs === null ? [] : [`valid-before="${renderTime(validBeforeMs)}"`]),
  ];
  return [
    /[ \t]/.test(names) ? `"${names}"` : names,
    ...(options.length === 0 ? [] : [options.join(',')]),
    keyType,
    key,
  ].join(' ');
}

function renderTime(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
}
