import { z } from 'zod';
import type { WorkingSpec } from '../caws/working-spec.js';
import { residencySchema, traitSchema } from '../registry/agent-traits.js';
import { type AgentNeed, agentNeedSchema } from '../registry/capability-match.js';
import { isRead, languageOf } from './language-of.js';
import type { Surface } from './surface.js';

const traits = z.array(traitSchema).max(16);

/** What a repository asks of whoever works on it (`routing.needs`). What it does not say is found, or asks for nothing. */
export const needRulesSchema = z.strictObject({
  residency: residencySchema.default([]).describe('Models have to run at one of these; empty: anywhere.'),
  specialisations: traits.default([]).describe('Agents have to name all of these.'),
  languages: traits.nullable().default(null).describe('Null: those that most files in the scope are written in.'),
  task_type: traitSchema.nullable().default(null).describe('Null: the surface of the task, such as code-editing.'),
  context_tokens: z.number().int().nonnegative().nullable().default(null).describe('Null: as is estimated.'),
});
export type NeedRules = z.infer<typeof needRulesSchema>;

/** What one task asks beyond that: it narrows, and never widens. */
export const askedNeedSchema = z.strictObject({ residency: residencySchema, specialisations: traits });
export type AskedNeed = z.infer<typeof askedNeedSchema>;

/** The base's files, as far as a choice of agents looks at them. */
export interface Survey {
  /** How many there are in all. */
  readonly files: number;
  /** Those in the spec's scope; `bytes` null where it was not looked up. */
  readonly inScope: readonly { readonly path: string; readonly bytes: number | null }[];
}

/** What a need is read from. */
export interface NeedMatter {
  readonly words: string;
  readonly spec: WorkingSpec | null;
  readonly surface: Surface;
  readonly survey: Survey;
  /** Files that a change may have at most. */
  readonly maxFiles: number;
  readonly rules: NeedRules;
  readonly asked: AskedNeed | null;
}

// English and code alike come to some four bytes a token.
const bytesPerToken = 4;
// Instructions and the descriptions of an agent's own tools: a judgement.
const instructionTokens = 4000;
// A language that fewer than one in three of the files are written in can be left to whoever writes the others.
const leastShare = 1 / 3;

/**
 * What a task asks of its agent. Null where nobody can meet it: the task and the repository name regions, and none that
 * both allow.
 */
export function needOfTask(matter: NeedMatter): AgentNeed | null {
  const { rules, asked, surface } = matter;
  const residency = residencyOf(rules, asked);
  if (residency === null) return null;
  return agentNeedSchema.parse({
    task_type: rules.task_type ?? surface,
    languages: rules.languages ?? languagesOf(matter),
    specialisations: [...new Set([...rules.specialisations, ...(asked?.specialisations ?? [])])],
    residency,
    context_tokens: rules.context_tokens ?? contextOf(matter),
  });
}

/** Where models may run: as the repository says, narrowed by the task; empty: anywhere; null: nowhere. */
export function residencyOf(rules: NeedRules, narrowed: AskedNeed | null): readonly string[] | null {
  const [allowed, asked] = [rules.residency, narrowed?.residency ?? []];
  if (allowed.length === 0 || asked.length === 0) return asked.length === 0 ? allowed : asked;
  const both = asked.filter((place) => allowed.includes(place));
  return both.length === 0 ? null : both;
}

/** Languages of the files in scope, the most frequent first; where there is none yet, of the files that the scope names. */
function languagesOf({ survey, spec }: NeedMatter): readonly string[] {
  const found = countLanguages(survey.inScope.map(({ path }) => path));
  const counts = found.size > 0 ? found : countLanguages(spec?.scope.in ?? []);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const order = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const wanted = order.filter(([, count], at) => at === 0 || count >= leastShare * total).map(([name]) => name);
  // Who writes TypeScript writes JavaScript.
  return wanted.includes('typescript') ? wanted.filter((name) => name !== 'javascript') : wanted;
}

function countLanguages(paths: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const language = languageOf(path);
    if (language !== null) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return counts;
}

/**
 * Tokens that an agent has to hold at once, at the least: instructions, words and spec, and as many files of the scope, of
 * their mean size, as the change may have.
 */
function contextOf({ words, spec, survey, maxFiles }: NeedMatter): number {
  const sizes = survey.inScope.flatMap(({ path, bytes }) => (bytes === null || !isRead(path) ? [] : [bytes]));
  const mean = sizes.length === 0 ? 0 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const held = mean * Math.min(maxFiles, survey.inScope.filter(({ path }) => isRead(path)).length);
  const told = words.length + (spec === null ? 0 : JSON.stringify(spec).length);
  return instructionTokens + Math.ceil((told + held) / bytesPerToken);
}
