import type { Finding } from '../../core/caws/finding.js';
import type { PlanOfEdit } from '../../core/caws/plea.js';
import { digestText } from '../../core/digest.js';
import type { Prompt } from '../../ports/worker.js';
import { type PromptMatter, answerForm, caps, describeMatter, fencesAreData, rules } from './describe-matter.js';
import { fenceText } from './fence.js';

/** Asks for a plan of edit, before any edit (`plan@1`). Same input, same bytes. */
export function writePlanPrompt(matter: PromptMatter & { readonly findings?: readonly Finding[] }): Prompt {
  const findings = matter.findings ?? [];
  return promptOf('plan@1', [
    'You plan a change to a repository. Read what you need; edit nothing.',
    fencesAreData,
    describeMatter(matter),
    rules,
    ...(findings.length === 0 ? [] : [`An earlier plan was refused:\n${findingsText(findings)}`]),
    [
      'Answer with one fenced json block, the plan of edit, and nothing after it:',
      '```json',
      '{"approach": "…", "files": [{"path": "…", "lines": 0}], "tests": ["…"], "risks": ["…"]}',
      '```',
      '`files` names every file that you mean to write, `lines` how many changed lines you expect in it. A plan that names a',
      'path outside the scope, or goes over the budget, is refused before any work.',
    ].join('\n'),
  ]);
}

/** Asks for the work (`work@1`). Same input, same bytes. */
export function writeWorkPrompt(matter: PromptMatter & { readonly plan: PlanOfEdit | null }): Prompt {
  return promptOf('work@1', [
    'You change a repository: the folder that you are in is a private clone of it.',
    fencesAreData,
    describeMatter(matter),
    rules,
    ...planText(matter.plan),
    answerForm,
  ]);
}

/** Gives a refused change back with what stands against it (`refine@1`). The change is already in the clone. */
export function writeRefinePrompt(
  matter: PromptMatter & { readonly plan: PlanOfEdit | null; readonly findings: readonly Finding[] },
): Prompt {
  return promptOf('refine@1', [
    'You mend a change to a repository: the folder that you are in is a private clone that holds the change already.',
    fencesAreData,
    describeMatter(matter),
    rules,
    ...planText(matter.plan),
    `The change was examined and refused. What stands against it, word for word, gravest first:\n${findingsText(matter.findings)}`,
    'Mend every one of these in the change itself. To hide a finding, or to weaken a check so that it is not found, is a graver finding.',
    answerForm,
  ]);
}

/** Asks for the parts of a task, each worked on by itself (`decompose@1`). Same input, same bytes. */
export function writeDecomposePrompt(matter: Omit<PromptMatter, 'chunk'> & { readonly maxChunks: number }): Prompt {
  return promptOf('decompose@1', [
    `You divide a change to a repository into at most ${matter.maxChunks} parts that can be worked on one by one. Read what you need; edit nothing.`,
    fencesAreData,
    describeMatter({ ...matter, chunk: null }),
    rules,
    [
      'Answer with one fenced json block, and nothing after it:',
      '```json',
      '{"chunks": [{"id": "a", "words": "what to do in this part", "scope": ["paths of this part"], "after": []}]}',
      '```',
      '`id` has letters, digits, dots, dashes and underscores alone. `scope` lies within the scope.in of the spec; leave it empty for',
      'all of it. `after` names the parts whose change this one builds on; there may be no circle. Each acceptance criterion',
      'belongs to a part. One part is a good answer when the change is small.',
    ].join('\n'),
  ]);
}

function planText(plan: PlanOfEdit | null): readonly string[] {
  return plan === null
    ? []
    : [`The plan of edit that was admitted:\n${fenceText('plan', JSON.stringify(plan, null, 2), caps.plan)}`];
}

function findingsText(findings: readonly Finding[]): string {
  const lines = findings.flatMap((one, index) => [
    `${index + 1}. [${one.severity}] ${one.rule} (${one.clause})${placeOf(one)}`,
    `   found: ${one.message}`,
    `   why it matters: ${one.why}`,
    `   to mend it: ${one.mend}`,
  ]);
  return fenceText('findings', lines.join('\n'), caps.findings);
}

function placeOf(finding: Finding): string {
  if (finding.path === null) return '';
  return finding.line === null ? ` at ${finding.path}` : ` at ${finding.path}:${finding.line}`;
}

function promptOf(id: string, parts: readonly string[]): Prompt {
  const text = `${parts.join('\n\n')}\n`;
  return { id, sha256: digestText(text), text };
}
