import type { Change } from '../../core/caws/change.js';
import { pathOf } from '../../core/caws/change.js';
import type { FileFacts } from '../../core/caws/file-facts.js';
import { callsForSyntax } from '../../core/caws/examine/calls-for-syntax.js';
import type { ChangeMode } from '../../core/caws/working-spec.js';
import type { FileContent, GitSession } from '../../ports/git.js';
import type { Syntax } from '../../ports/syntax.js';

/** Content rules read at most this much of one blob; beyond it a finding says that the file was not read. */
const maxContentBytes = 2 * 1024 * 1024;

/**
 * Streams the facts of each changed file in order, one at a time, so that a huge change stays in bounded memory.
 * Syntax is parsed only where something in the file calls for it: a test, a suspicious text, or the spec's mode.
 */
export async function* readFacts(
  git: GitSession,
  syntax: Syntax,
  change: Change,
  mode: ChangeMode | null,
): AsyncGenerator<FileFacts> {
  for await (const content of git.readContents(change, { maxBytes: maxContentBytes })) {
    yield reduceToFacts(content, syntax, mode, change.files.length);
  }
}

/** One file's content as facts. */
function reduceToFacts(content: FileContent, syntax: Syntax, mode: ChangeMode | null, changedFiles: number): FileFacts {
  const { file, addedLines, removedLines } = content;
  const oldText = decodeText(content.oldBytes, file.binary);
  const newText = decodeText(content.newBytes, file.binary);
  const text = { file, oldText, newText, addedLines, removedLines };
  const parses = callsForSyntax(text, mode, changedFiles);
  const extract = (path: string | null, source: string | null): FileFacts['oldSyntax'] =>
    parses && path !== null && source !== null && syntax.covers(path) ? syntax.extract(path, source) : null;
  return {
    ...text,
    oldSyntax: extract(file.oldPath, oldText),
    newSyntax: extract(file.newPath ?? pathOf(file), newText),
  };
}

function decodeText(bytes: Uint8Array | null, binary: boolean): string | null {
  return bytes === null || binary ? null : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
