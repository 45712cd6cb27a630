import { surplusOfLine, type LineFact } from '../../core/caws/change.js';
import { contradiction } from './git-fault.js';
import type { ByteSource, ReadRecord } from './byte-source.js';

/** What a patch says of one file; of a file that changes its type, git says it in two sections. */
export interface PatchSection {
  readonly added: LineFact[];
  readonly removed: LineFact[];
  /** All changed lines of each side, kept or not. */
  addedCount: number;
  removedCount: number;
  /** True when a side's text went over the budget and its lines were dropped. */
  addedOver: boolean;
  removedOver: boolean;
  longLineSurplus: number;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const PLUS = 0x2b;
const MINUS = 0x2d;
/** Backslash, of the note that a file has no last line end. */
const NO_NEWLINE_MARK = 0x5c;
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const HEADER_BYTES = 256;

interface Hunk {
  oldLine: number;
  newLine: number;
  oldLeft: number;
  newLeft: number;
}

function parseHunk(text: string, otherwise: Hunk): Hunk {
  const [whole, oldLine, oldLeft = '1', newLine, newLeft = '1'] = HUNK.exec(text) ?? [];
  if (whole === undefined) return otherwise;
  return { oldLine: Number(oldLine), newLine: Number(newLine), oldLeft: Number(oldLeft), newLeft: Number(newLeft) };
}

export function emptySection(): PatchSection {
  return {
    added: [],
    removed: [],
    addedCount: 0,
    removedCount: 0,
    addedOver: false,
    removedOver: false,
    longLineSurplus: 0,
  };
}

/** Collects the changed lines of one section, at most `keepBytes` of text a side. */
class SectionLines {
  readonly section: PatchSection = emptySection();
  readonly #keepBytes: number;
  #addedBytes = 0;
  #removedBytes = 0;

  constructor(keepBytes: number) {
    this.#keepBytes = keepBytes;
  }

  take(line: ReadRecord, hunk: Hunk): void {
    const sign = line.bytes[0];
    if (sign === NO_NEWLINE_MARK) return;
    const isReturn = line.lastByte === RETURN && line.length > 1;
    if (sign === PLUS || sign === MINUS) {
      this.section.longLineSurplus += surplusOfLine(line.characters - 1 - (isReturn ? 1 : 0));
    }
    if (sign === PLUS) this.#added(line, isReturn, hunk.newLine);
    else if (sign === MINUS) this.#removed(line, isReturn, hunk.oldLine);
    advance(hunk, sign);
  }

  #added(line: ReadRecord, isReturn: boolean, number: number): void {
    this.section.addedCount += 1;
    this.#addedBytes += line.length - 1;
    if (this.#addedBytes <= this.#keepBytes) this.section.added.push(fact(line, isReturn, number));
    else {
      this.section.addedOver = true;
      this.section.added.length = 0;
    }
  }

  #removed(line: ReadRecord, isReturn: boolean, number: number): void {
    this.section.removedCount += 1;
    this.#removedBytes += line.length - 1;
    if (this.#removedBytes <= this.#keepBytes) this.section.removed.push(fact(line, isReturn, number));
    else {
      this.section.removedOver = true;
      this.section.removed.length = 0;
    }
  }
}

function fact(line: ReadRecord, isReturn: boolean, number: number): LineFact {
  return { line: number, text: line.bytes.toString('utf8', 1, line.bytes.length - (isReturn ? 1 : 0)) };
}

function advance(hunk: Hunk, sign: number | undefined): void {
  if (sign !== PLUS) {
    hunk.oldLeft -= 1;
    hunk.oldLine += 1;
  }
  if (sign !== MINUS) {
    hunk.newLeft -= 1;
    hunk.newLine += 1;
  }
}

/**
 * The sections of a patch in its order, each when it is complete; hunks are followed by their own counts, so that no
 * text inside a file can pass for a header. Holds one section, at most `keepBytes` of text a side; with 0 it keeps no
 * lines and measures only. @throws GIT_FAILED when the patch ends inside a hunk
 */
export async function* readSections(source: ByteSource, keepBytes: number): AsyncGenerator<PatchSection> {
  let lines: SectionLines | null = null;
  let hunk: Hunk = { oldLine: 0, newLine: 0, oldLeft: 0, newLeft: 0 };
  const keep = Math.max(HEADER_BYTES, keepBytes + 2);
  const next = async (): Promise<ReadRecord | null> => source.record(NEWLINE, keep);
  for (let line = await next(); line !== null; line = source.recordAtHand(NEWLINE) ?? (await next())) {
    if (hunk.oldLeft + hunk.newLeft > 0) {
      lines?.take(line, hunk);
      continue;
    }
    const header = line.bytes.toString('latin1', 0, HEADER_BYTES);
    hunk = parseHunk(header, hunk);
    if (!header.startsWith('diff --git ')) continue;
    if (lines !== null) yield lines.section;
    lines = new SectionLines(keepBytes);
  }
  if (hunk.oldLeft + hunk.newLeft > 0) throw contradiction('a patch of git breaks off in the middle of a file');
  if (lines !== null) yield lines.section;
}
