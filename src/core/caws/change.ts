import { z } from 'zod';

const pathSchema = z.string().min(1);
const modeSchema = z.enum(['100644', '100755', '120000', '160000']);

/**
 * One changed path. `R` only where old and new blob are identical (constitution §3, Measuring): such a rename counts
 * as one file and no lines. Paths that are not UTF-8 carry each bad byte 0xNN as the lone surrogate U+DCNN (PEP 383).
 */
export const changedFileSchema = z
  .strictObject({
    status: z.enum(['A', 'M', 'D', 'T', 'R']),
    oldPath: pathSchema.nullable(),
    newPath: pathSchema.nullable(),
    added: z.number().int().nonnegative().describe('Lines added, as git numstat counts them; 0 for binary.'),
    removed: z.number().int().nonnegative(),
    binary: z.boolean(),
    oldMode: modeSchema.nullable(),
    newMode: modeSchema.nullable(),
    oldBlob: z.string().nullable().describe('git object id of the old content, null when added.'),
    newBlob: z.string().nullable(),
    longLineSurplus: z
      .number()
      .int()
      .nonnegative()
      .describe(
        'Lines counted beyond added + removed: ceil(length / 100) − 1 for each changed line over 400 characters.',
      ),
  })
  .meta({ id: 'ChangedFile' });
export type ChangedFile = z.infer<typeof changedFileSchema>;

const changeTotalsSchema = z.strictObject({
  files: z.number().int().nonnegative().describe('Changed paths; an identical-blob rename counts once.'),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
  loc: z.number().int().nonnegative().describe('added + removed + long-line surplus: what the budget counts.'),
});

/** A change as sealed trees: `tree` (candidate) against `base` (commit). Files are sorted by new, else old, path bytes. */
export const changeSchema = z
  .strictObject({
    base: z.string().describe('Commit id of the base.'),
    baseTree: z.string(),
    head: z.string().nullable().describe('Commit id of the candidate, null for a work tree or a patch.'),
    tree: z.string().describe('Tree id of the candidate.'),
    contentSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe(
        'SHA-256 over one record for each changed path, in byte order of the paths: mode (6 octal digits), space, ' +
          'SHA-256 of the content (64 hex digits), tab, the bytes of the path, NUL. Content is what the blob holds; of a ' +
          'submodule the hex commit id. A path that is gone has mode 000000 and 64 zeros. Git ids are SHA-1, this is not.',
      ),
    files: z.array(changedFileSchema),
    totals: changeTotalsSchema,
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof changeSchema>;

/** The path under which a changed file is spoken of: the new one, else the old one. */
export function pathOf(file: ChangedFile): string {
  return file.newPath ?? file.oldPath ?? '';
}

/** Totals of a list of changed files. Empty gives zeros. */
export function totalChange(files: readonly ChangedFile[]): Change['totals'] {
  let added = 0;
  let removed = 0;
  let surplus = 0;
  for (const file of files) {
    added += file.added;
    removed += file.removed;
    surplus += file.longLineSurplus;
  }
  return { files: files.length, added, removed, loc: added + removed + surplus };
}

const LONG_LINE_CHARACTERS = 400;
const CHARACTERS_A_LINE = 100;

/** Lines that one changed line counts for beyond itself, by its characters: 0 up to 400, else ceil(length / 100) − 1. */
export function surplusOfLine(characters: number): number {
  return characters > LONG_LINE_CHARACTERS ? Math.ceil(characters / CHARACTERS_A_LINE) - 1 : 0;
}

/** A changed line's text without its line end (LF or CRLF); `line` counts from 1, in the new file for added, in the old for removed. */
export interface LineFact {
  readonly line: number;
  readonly text: string;
}
