import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { createSyntax } from '../src/adapters/syntax/create-syntax.js';
import { admissionSchema } from '../src/core/caws/arbiter-config.js';
import { type Change, type ChangedFile, type LineFact, totalChange } from '../src/core/caws/change.js';
import type { FileFacts } from '../src/core/caws/file-facts.js';
import type { Finding } from '../src/core/caws/finding.js';
import { examineChangeTampering, examineFileTampering } from '../src/core/caws/tamper/examine-tampering.js';
import { tamperRules } from '../src/core/caws/tamper/index.js';
import type { TamperContext } from '../src/core/caws/tamper/tamper-rule.js';

const modeSchema = z.enum(['100644', '100755', '120000', '160000']);
const caseFileSchema = z.strictObject({
  path: z.string().min(1),
  newPath: z.string().min(1).optional(),
  mode: modeSchema.optional().describe('Mode of the new side; the old side is a plain file.'),
  old: z.string().nullable(),
  new: z.string().nullable(),
});
const caseSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['tamper', 'honest']),
  known: z
    .enum(['missed', 'false-alarm'])
    .optional()
    .describe('A gap of the rule that is told in the report; the case fails when the gap closes.'),
  admission: z.record(z.string(), z.array(z.string())).optional(),
  files: z.array(caseFileSchema).min(1),
});
const sheetSchema = z.strictObject({
  rule: z.string().regex(/^D\d+$/),
  language: z.enum(['javascript', 'python', 'any']),
  cases: z.array(caseSchema).min(1),
});

export type CaseFile = z.infer<typeof caseFileSchema>;
export type TamperCase = z.infer<typeof caseSchema> & {
  readonly sheet: string;
  readonly rule: string;
  readonly language: z.infer<typeof sheetSchema>['language'];
};

/** A case, the facts built from it, and what all rules say of it. */
export interface JudgedCase {
  readonly case: TamperCase;
  readonly facts: readonly FileFacts[];
  readonly findings: readonly Finding[];
  /** The rule of the case spoke, gravely enough to count against an honest case. */
  readonly found: boolean;
  /** Tampering was found, honest work was not; the other way round where the case tells of a known gap. */
  readonly right: boolean;
}

const casesDirectory = new URL('./cases/tamper/', import.meta.url);

/** Every case of every sheet in `test/cases/tamper`, in the order of the file names. */
export function readTamperCases(): readonly TamperCase[] {
  const sheets = readdirSync(casesDirectory).filter((name) => name.endsWith('.yaml'));
  return sheets.toSorted().flatMap((sheet) => {
    const read = sheetSchema.parse(parse(readFileSync(new URL(sheet, casesDirectory), 'utf8')));
    return read.cases.map((it) => ({ ...it, sheet, rule: read.rule, language: read.language }));
  });
}

/** Builds the facts of all cases with one run of git, and runs all rules over each case. */
export function judgeTamperCases(cases: readonly TamperCase[]): readonly JudgedCase[] {
  const facts = factsOfCases(cases.map((it) => it.files));
  return cases.map((it, index) => {
    const own = facts[index] ?? [];
    const findings = examineFacts(own, it.admission ?? null);
    const found = isFound(it, findings);
    const right = (found === (it.kind === 'tamper')) === (it.known === undefined);
    return { case: it, facts: own, findings, found, right };
  });
}

/** All tamper findings of a change given as facts, without a spec. */
function examineFacts(facts: readonly FileFacts[], admission: unknown): readonly Finding[] {
  const context: TamperContext = {
    change: changeOf(facts),
    spec: null,
    admission: admission === null ? null : admissionSchema.parse(admission),
  };
  const files = facts.map((it) => examineFileTampering(it, context));
  const across = examineChangeTampering(
    files.map((it) => it.notes),
    context,
  );
  return [...files.flatMap((it) => it.findings), ...across];
}

/** Against honest work any finding of an advisory rule counts, else one that blocks or wants a waiver. */
function isFound(it: TamperCase, findings: readonly Finding[]): boolean {
  const own = findings.filter((finding) => finding.rule === it.rule);
  if (it.kind === 'tamper') return own.length > 0;
  const advisoryRule = tamperRules.some((rule) => rule.id === it.rule && rule.severity === 'advisory');
  return own.some((finding) => advisoryRule || finding.severity !== 'advisory');
}

interface Side {
  readonly path: string | null;
  readonly text: string | null;
  readonly mode: ChangedFile['oldMode'];
}

/** A rename with an edit is a deletion and an addition, as the measure has it (constitution §3, Measuring). */
function sidesOf(file: CaseFile): readonly { readonly before: Side; readonly after: Side }[] {
  const none: Side = { path: null, text: null, mode: null };
  const before: Side = file.old === null ? none : { path: file.path, text: file.old, mode: '100644' };
  const path = file.newPath ?? file.path;
  const after: Side = file.new === null ? none : { path, text: file.new, mode: file.mode ?? '100644' };
  const edited = before.path !== null && after.path !== null && before.path !== path && file.old !== file.new;
  return edited
    ? [
        { before, after: none },
        { before: none, after },
      ]
    : [{ before, after }];
}

/** Facts of each change, with changed lines as real git sees them. */
function factsOfCases(changes: readonly (readonly CaseFile[])[]): readonly (readonly FileFacts[])[] {
  const pairs = changes.map((files) => files.flatMap(sidesOf));
  const lines = diffPairs(pairs.flat());
  const syntax = createSyntax();
  let next = 0;
  return pairs.map((sides) =>
    sides
      .map(({ before, after }): FileFacts => {
        const changed = lines[next++] ?? { added: [], removed: [] };
        const binary = [before.text, after.text].some((text) => text?.includes('\0') === true);
        const extract = (side: Side) =>
          side.path !== null && side.text !== null && !binary && syntax.covers(side.path)
            ? syntax.extract(side.path, side.text)
            : null;
        return {
          file: changedFileOf(before, after, changed, binary),
          oldText: binary ? null : before.text,
          newText: binary ? null : after.text,
          addedLines: changed.added,
          removedLines: changed.removed,
          oldSyntax: extract(before),
          newSyntax: extract(after),
        };
      })
      .toSorted((a, b) => compare(a.file.newPath ?? a.file.oldPath ?? '', b.file.newPath ?? b.file.oldPath ?? '')),
  );
}

function changedFileOf(before: Side, after: Side, lines: DiffLines, binary: boolean): ChangedFile {
  const renamed = before.path !== null && after.path !== null && before.path !== after.path;
  const status = before.path === null ? 'A' : after.path === null ? 'D' : renamed ? 'R' : 'M';
  const long = [...lines.added, ...lines.removed].filter((line) => line.text.length > 400);
  return {
    status,
    oldPath: before.path,
    newPath: after.path,
    added: lines.added.length,
    removed: lines.removed.length,
    binary,
    oldMode: before.mode,
    newMode: after.mode,
    oldBlob: before.text === null ? null : blobId(before.text),
    newBlob: after.text === null ? null : blobId(after.text),
    longLineSurplus: long.reduce((sum, line) => sum + Math.ceil(line.text.length / 100) - 1, 0),
  };
}

function changeOf(facts: readonly FileFacts[]): Change {
  const files = facts.map((it) => it.file);
  return {
    base: '0'.repeat(40),
    baseTree: '0'.repeat(40),
    head: null,
    tree: '0'.repeat(40),
    contentSha256: '0'.repeat(64),
    files,
    totals: totalChange(files),
  };
}

function blobId(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

interface DiffLines {
  readonly added: readonly LineFact[];
  readonly removed: readonly LineFact[];
}

/** One `git diff --no-index -U0` over two folders that hold side `n` of every pair as the file `n`. */
function diffPairs(pairs: readonly { readonly before: Side; readonly after: Side }[]): readonly DiffLines[] {
  const directory = mkdtempSync(join(tmpdir(), 'arbiter-cases-'));
  try {
    for (const side of ['before', 'after'] as const) {
      mkdirSync(join(directory, side));
      for (const [index, pair] of pairs.entries()) {
        const text = pair[side].text;
        if (text !== null) writeFileSync(join(directory, side, String(index)), text);
      }
    }
    return readDiff(runDiff(directory), pairs.length);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function runDiff(cwd: string): string {
  const args = [
    'diff',
    '--no-index',
    '--text',
    '-U0',
    '--no-color',
    '--no-ext-diff',
    '--no-renames',
    'before',
    'after',
  ];
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  } catch (error) {
    // Status 1 only says that the folders differ.
    const failed = error as { status?: number; stdout?: string };
    if (failed.status === 1 && failed.stdout !== undefined) return failed.stdout;
    throw error;
  }
}

function readDiff(diff: string, count: number): readonly DiffLines[] {
  const lines = Array.from({ length: count }, () => ({ added: [] as LineFact[], removed: [] as LineFact[] }));
  let current: (typeof lines)[number] | undefined;
  let [oldLine, newLine, oldLeft, newLeft] = [0, 0, 0, 0];
  for (const line of diff.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (oldLeft > 0 && line.startsWith('-')) {
      current?.removed.push({ line: oldLine++, text: line.slice(1) });
      oldLeft -= 1;
    } else if (newLeft > 0 && line.startsWith('+')) {
      current?.added.push({ line: newLine++, text: line.slice(1) });
      newLeft -= 1;
    } else if (hunk) {
      [oldLine, oldLeft] = [Number(hunk[1]), Number(hunk[2] ?? '1')];
      [newLine, newLeft] = [Number(hunk[3]), Number(hunk[4] ?? '1')];
    } else {
      const header = /^diff --git \S+\/(\d+) \S+$/.exec(line);
      if (header) current = lines[Number(header[1])];
    }
  }
  return lines;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
