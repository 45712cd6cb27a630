import {
  type PlanOfEdit,
  type Rationale,
  evidenceSchema,
  planOfEditSchema,
  rationaleSchema,
  type Evidence,
} from '../../core/caws/plea.js';
import type { Submission } from '../../ports/worker.js';
import { type JsonRecord, findJsonBlocks, recordIn, textIn } from './json-blocks.js';

/** What an agent's last words come to. */
export interface Answer {
  readonly rationale: Rationale;
  /** Claims, compared and never believed. */
  readonly evidence: readonly Evidence[];
  readonly outcome: Submission['outcome'];
  /** Whether it was said in the form that was asked for: the agent knew that it was at its end. */
  readonly isStated: boolean;
}

const longestSummary = 4000;
const mostEntries = 200;

/**
 * Reads what an agent said for its rationale, leniently: the last fenced json block (or bare JSON at the end) that holds a
 * `rationale`, `infeasible` or `amendment`; entries that the schema refuses are dropped one by one. Without any, the words
 * themselves are the summary (`lastWords`, when those are known apart), cut at 4000 characters, or "no rationale given".
 * Never throws.
 */
export function readAnswer(text: string, lastWords: string = text): Answer {
  const blocks = findJsonBlocks(text).toReversed();
  const stated = blocks.find((one) => isAnswer(one));
  const block = stated ?? {};
  return {
    isStated: stated !== undefined,
    rationale: rationaleOf(recordIn(block, 'rationale') ?? (textIn(block, 'summary') === '' ? {} : block), lastWords),
    evidence: entriesOf(block['evidence']).flatMap((entry) => parsed(evidenceSchema.safeParse(entry))),
    outcome: outcomeOf(block),
  };
}

/**
 * The plan of edit in the last fenced json block that is one; it is for `specId` whatever it says itself. Null when there
 * is none, or when a file has no path or no count of lines: a plan that is guessed is none.
 */
export function readPlan(text: string, specId: string): PlanOfEdit | null {
  for (const block of findJsonBlocks(text).toReversed()) {
    const plan = recordIn(block, 'plan') ?? block;
    if (!Array.isArray(plan['files'])) continue;
    const read = planOfEditSchema.safeParse({
      spec_id: specId,
      approach: textIn(plan, 'approach').slice(0, longestSummary),
      files: plan['files'].map(plannedFile),
      tests: textsOf(plan['tests']),
      risks: textsOf(plan['risks']),
    });
    if (read.success) return read.data;
  }
  return null;
}

function isAnswer(block: JsonRecord): boolean {
  if (['rationale', 'infeasible', 'amendment'].some((name) => recordIn(block, name) !== null)) return true;
  return textIn(block, 'summary') !== '';
}

function outcomeOf(block: JsonRecord): Submission['outcome'] {
  const infeasible = recordIn(block, 'infeasible');
  const clause = infeasible === null ? '' : textIn(infeasible, 'clause');
  const evidence = infeasible === null ? '' : textIn(infeasible, 'evidence');
  if (clause !== '' && evidence !== '') return { kind: 'infeasible', clause, evidence };
  const amendment = recordIn(block, 'amendment');
  const paths = textsOf(amendment?.['paths']);
  if (amendment !== null && paths.length > 0) return { kind: 'amendment', paths, why: textIn(amendment, 'why') };
  return { kind: 'change' };
}

function rationaleOf(found: JsonRecord, text: string): Rationale {
  const shape = rationaleSchema.shape;
  const summary = textIn(found, 'summary') || withoutBlocks(text) || 'no rationale given';
  return {
    summary: summary.slice(0, longestSummary),
    files: entriesOf(found['files']).flatMap((entry) => parsed(shape.files.unwrap().element.safeParse(entry))),
    risks: textsOf(found['risks']),
    acceptance: entriesOf(found['acceptance']).flatMap((entry) =>
      parsed(shape.acceptance.unwrap().element.safeParse(entry)),
    ),
  };
}

/** Lines may come as a text or a fraction: models count loosely. What is no count stays as it is, and is refused. */
function plannedFile(entry: unknown): unknown {
  const file = typeof entry === 'object' && entry !== null ? (entry as JsonRecord) : {};
  const lines =
    typeof file['lines'] === 'string' && file['lines'].trim() !== '' ? Number(file['lines']) : file['lines'];
  return { path: file['path'], lines: typeof lines === 'number' ? Math.ceil(lines) : lines };
}

function parsed<T>(result: { readonly success: true; readonly data: T } | { readonly success: false }): readonly T[] {
  return result.success ? [result.data] : [];
}

function entriesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostEntries) : [];
}

function textsOf(value: unknown): readonly string[] & string[] {
  return entriesOf(value).filter((entry): entry is string => typeof entry === 'string' && entry !== '');
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/```[\s\S]*?(?:```|$)/g, '').trim();
}

/** The last JSON object in an agent's words; null when there is none. */
export function readObjectIn(text: string): JsonRecord | null {
  return findJsonBlocks(text).at(-1) ?? null;
}
