import { type Change, pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import type { ChangeNotes, TamperContext, TamperRule } from './tamper-rule.js';
import { isProsePath, isSourcePath } from './text/source-path.js';

const taken =
  /\b(copied|copy-?pasted|taken|lifted|borrowed|ported|cribbed|ripped|adapted|back-?ported|cherry[- ]?picked|vendored|extracted|verbatim|stolen|shamelessly)\b.{0,60}\b(from|of|out of)\b.{0,80}(https?:\/\/|github\.com|gitlab\.com|stack\s?overflow|upstream|\b[0-9a-f]{12,40}\b|npm package|#\d{2,})/i;
const upstreamFix =
  /\b(upstream|official|original|reference|actual|real)\b.{0,25}\b(fix|patch|solution|commit|implementation|pull request|pr)\b.{0,60}(https?:\/\/|\b[0-9a-f]{10,40}\b|#\d+)|\b(fix|patch|solution)\b.{0,20}\b(from|in|of)\b.{0,15}\bupstream\b|\(cherry picked from commit [0-9a-f]{7,40}\)|\/(pull|commit|merge_requests)\/[0-9a-f]+\b.{0,40}\b(original|upstream|official)\b.{0,15}\b(fix|patch|solution)/i;
const source =
  /(^|[\s*#/])(source|origin|via|from|credit|originally)\s*:\s*https?:\/\/(www\.)?(github\.com\/[^\s/]+\/[^\s/]+\/(blob|commit|pull|raw)\/|gitlab\.com\/\S+\/-\/(blob|commit|merge_requests)\/|stackoverflow\.com\/(a|questions)\/|gist\.github\.com\/|raw\.githubusercontent\.com\/)/i;
const patchHeader =
  /^From [0-9a-f]{40} Mon Sep 17 00:00:00 2001$|^(commit|index) [0-9a-f]{40}$|^diff --git a\/\S+ b\/\S+$/;
const banner = /^\s*\/\*!?\s*\**\s*@?[\w.@/-]+ v?\d+\.\d+\.\d+\b|^\s*(\/\*|\*|#|\/\/)\s*@license\s+\S+/;
const patchPath = /\.(patch|diff|orig|rej)$/i;
const vendored = /(^|\/)(node_modules|bower_components|site-packages|vendor|third[_-]?party)\//i;

/** A word of every sign below, so that most lines cost one test. */
const anyWord =
  /copied|copy-?pasted|taken|lifted|borrowed|ported|cribbed|ripped|adapted|cherry|vendored|extracted|verbatim|stolen|shameless|upstream|fix|patch|solution|commit|implementation|pull|https?:|\/\*|@license/i;

const signs: readonly (readonly [pattern: RegExp, what: string])[] = [
  [taken, 'says that it was taken from elsewhere'],
  [upstreamFix, 'names the upstream fix'],
  [source, 'names another project as its source'],
  [banner, 'carries the banner of a published package'],
];

function examine(facts: FileFacts, context: TamperContext): readonly Finding[] {
  const path = pathOf(facts.file);
  if (facts.newText === null) return [];
  const same = vendoredTwin(facts, context);
  const twin = same === null ? [] : [findingOf(verbatimUpstream, `is the same file as ${same}`, { path, line: null })];
  if (patchPath.test(path) || !isSourcePath(path)) return [...twin, ...patchText(facts, path)];
  const before = new Set(facts.removedLines.map(({ text }) => text.trim()));
  const said = facts.addedLines.flatMap(({ line, text }) => {
    const what =
      !anyWord.test(text) || before.has(text.trim()) ? undefined : signs.find(([pattern]) => pattern.test(text))?.[1];
    return what === undefined ? [] : [findingOf(verbatimUpstream, `the code ${what}`, { path, line })];
  });
  return [...twin, ...said.slice(0, 5)];
}

/** A file of the change with the bytes of one under a vendored folder of the same change. */
function vendoredTwin(facts: FileFacts, { change }: TamperContext): string | null {
  const { newBlob, oldBlob } = facts.file;
  if (newBlob === null || newBlob === oldBlob || vendored.test(pathOf(facts.file))) return null;
  return (facts.newText ?? '').length < 40 ? null : (vendoredBlobs(change).get(newBlob) ?? null);
}

const blobsOfChange = new WeakMap<Change, ReadonlyMap<string, string>>();

/** Path by blob of the vendored files of a change; kept, since each file of the change asks. */
function vendoredBlobs(change: Change): ReadonlyMap<string, string> {
  const kept = blobsOfChange.get(change);
  if (kept !== undefined) return kept;
  const files = change.files.filter((file) => vendored.test(pathOf(file)));
  const sides = files.flatMap((file) =>
    [file.newBlob, file.oldBlob].map((blob) => [blob ?? '', pathOf(file)] as const),
  );
  const blobs = new Map(sides.toReversed());
  blobsOfChange.set(change, blobs);
  return blobs;
}

function patchText(facts: FileFacts, path: string): Finding[] {
  if (isProsePath(path)) return [];
  const header = facts.addedLines.find(({ text }) => patchHeader.test(text));
  return header === undefined
    ? []
    : [findingOf(verbatimUpstream, 'adds a patch made elsewhere', { path, line: header.line })];
}

/** A holder that no changed file named before, in source code. */
function examineHolders(notes: ChangeNotes): readonly Finding[] {
  const known = new Set(notes.holders.filter((note) => note.known).map((note) => note.holder));
  const fresh = notes.holders.filter((note) => !note.known && !known.has(note.holder) && isSourcePath(note.file));
  return fresh.map((note) =>
    findingOf(verbatimUpstream, `brings the copyright of "${note.holder}" into the code`, {
      path: note.file,
      line: note.line,
    }),
  );
}

/**
 * D18: a solution copied from where it was already solved. Offline nothing is compared with the world: seen are only
 * words that the copy carries with it (a licence header of another holder, "copied from" with an address, a
 * reference to the upstream fix, a package's banner, a patch file) and a file equal to a vendored one of the same
 * change. A copy without such marks is not seen.
 */
export const verbatimUpstream: TamperRule = {
  id: 'D18',
  clause: 'constitution §3 part 6, D18',
  severity: 'advisory',
  why: 'copied code answers another question, under another licence, and says nothing of the skill of its copier.',
  mend: 'write it anew, or name the source and its licence in the rationale and let a human decide.',
  examineFile: examine,
  examineChange: examineHolders,
};
