import { z } from 'zod';
import { type PlanOfEdit, type Rationale, planOfEditSchema, rationaleSchema } from '../../core/caws/plea.js';

/** How an agent says that it has ended. */
export type Answer =
  | { readonly kind: 'change'; readonly rationale: Rationale }
  | { readonly kind: 'infeasible'; readonly clause: string; readonly evidence: string }
  | { readonly kind: 'amendment'; readonly paths: readonly string[]; readonly why: string };

const infeasibleSchema = z.object({ clause: z.string().min(1), evidence: z.string().min(1) });
const amendmentSchema = z.object({ paths: z.array(z.string().min(1)).min(1), why: z.string().min(1) });

/** What the last readable JSON block of an agent's words says; null when none says anything of use. */
export function readAnswer(text: string): Answer | null {
  for (const value of blocksOf(text)) {
    const infeasible = infeasibleSchema.safeParse(value['infeasible']);
    if (infeasible.success) return { kind: 'infeasible', ...infeasible.data };
    const amendment = amendmentSchema.safeParse(value['amendment']);
    if (amendment.success) return { kind: 'amendment', ...amendment.data };
    const rationale = rationaleSchema.safeParse(value['rationale']);
    if (rationale.success) return { kind: 'change', rationale: rationale.data };
  }
  return null;
}

/** The plan of edit in an agent's words, under the spec that it was asked for; null when there is none. */
export function readPlan(text: string, specId: string): PlanOfEdit | null {
  for (const value of blocksOf(text)) {
    const inner = z.record(z.string(), z.unknown()).safeParse(value['plan']);
    const parsed = planOfEditSchema.safeParse({ ...(inner.data ?? value), spec_id: specId, version: 1 });
    if (parsed.success) return parsed.data;
  }
  return null;
}

/** The last readable JSON object in an agent's words; null when there is none. */
export function readObjectIn(text: string): Readonly<Record<string, unknown>> | null {
  return blocksOf(text)[0] ?? null;
}

const mostText = 1 << 20;

/** JSON objects in a text, the last first: fenced ones, then one that stands bare to the end. */
function blocksOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  const tail = text.slice(-mostText);
  const fenced = [...tail.matchAll(/^[ \t]*(`{3,})[ \t]*(?:json)?[ \t]*\r?\n([^]*?)^[ \t]*\1`*[ \t]*$/gm)].map(
    (match) => match[2] ?? '',
  );
  const bare = [tail, tail.slice(Math.max(0, tail.indexOf('{')), tail.lastIndexOf('}') + 1)];
  return [...fenced.toReversed(), ...bare].map(readObject).filter((value) => value !== null);
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return z.record(z.string(), z.unknown()).safeParse(value).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
