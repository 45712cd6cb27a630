import { z } from 'zod';
import type { IssueReport } from '../../core/caws/gate/report.js';
import { readJson } from './read-json.js';
import { repositoryPath } from './report-path.js';
import { unparseable } from './unparseable.js';

const levelSchema = z.enum(['none', 'note', 'warning', 'error']);
const messageSchema = z.object({
  text: z.string().optional(),
  markdown: z.string().optional(),
  id: z.string().optional(),
});
const properties = { properties: z.record(z.string(), z.unknown()).optional() };
const ruleSchema = z.object({
  id: z.string(),
  defaultConfiguration: z.object({ level: levelSchema.optional() }).optional(),
  ...properties,
});
const resultSchema = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.number().int().optional(),
  rule: z.object({ id: z.string().optional(), index: z.number().int().optional() }).optional(),
  level: levelSchema.optional(),
  kind: z.enum(['pass', 'open', 'informational', 'notApplicable', 'review', 'fail']).optional(),
  message: messageSchema,
  suppressions: z.array(z.unknown()).optional(),
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({
            artifactLocation: z.object({ uri: z.string().optional() }).optional(),
            region: z.object({ startLine: z.number().int().positive().optional() }).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  ...properties,
});
const runSchema = z.object({
  tool: z.object({ driver: z.object({ name: z.string(), rules: z.array(ruleSchema).optional() }) }),
  invocations: z.array(z.object({ executionSuccessful: z.boolean() })).optional(),
  results: z.array(resultSchema).nullable(),
});
const documentSchema = z.object({ version: z.literal('2.1.0'), runs: z.array(runSchema).min(1) });

type Run = z.infer<typeof runSchema>;
type Result = z.infer<typeof resultSchema>;
type Rule = z.infer<typeof ruleSchema>;
type Issue = IssueReport['issues'][number];

/**
 * SARIF 2.1.0. Results of kind `fail` (the default), `open` and `review` are issues, suppressed ones too: a
 * suppression in the candidate's own code is no admission. A rule's or result's `security-severity` of 9.0 and above
 * is critical, as GitHub's code scanning reads it. A run that says it did not succeed, or has null results, is refused.
 * @throws REPORT_UNPARSEABLE
 * @see SARIF 2.1.0 §3.27
 */
export function parseSarif(text: string, root: string): IssueReport {
  const document = readJson('sarif', text, documentSchema);
  const issues: Issue[] = [];
  for (const run of document.runs) {
    if (run.results === null)
      throw unparseable('sarif', `the run of ${run.tool.driver.name} has no results: it did not finish`);
    if (run.invocations?.some((invocation) => !invocation.executionSuccessful) === true) {
      throw unparseable('sarif', `the run of ${run.tool.driver.name} says that it did not succeed`);
    }
    for (const result of run.results) {
      if (['fail', 'open', 'review'].includes(result.kind ?? 'fail')) issues.push(issueOf(run, result, root));
    }
  }
  return { issues };
}

function issueOf(run: Run, result: Result, root: string): Issue {
  const rule = ruleOf(run, result);
  const { text, markdown, id } = result.message;
  return {
    ruleId: rule.id,
    level: levelOf(result, rule),
    message: text ?? markdown ?? id ?? 'no message',
    ...placeOf(result, root),
  };
}

function ruleOf(run: Run, result: Result): Rule {
  const rules = run.tool.driver.rules ?? [];
  const { id, index } = { id: result.ruleId, index: result.ruleIndex, ...result.rule };
  const rule = rules[index ?? -1] ?? rules.find((candidate) => candidate.id === id);
  return { ...rule, id: id ?? rule?.id ?? 'unknown' };
}

function placeOf(result: Result, root: string): Pick<Issue, 'path' | 'line'> {
  const place = result.locations?.[0]?.physicalLocation;
  const uri = place?.artifactLocation?.uri;
  return {
    path: uri === undefined ? null : repositoryPath(decodeUri(uri), root),
    line: place?.region?.startLine ?? null,
  };
}

function levelOf(result: Result, rule: Rule): Issue['level'] {
  const severity = result.properties?.['security-severity'] ?? rule.properties?.['security-severity'];
  if (Number(severity) >= 9) return 'critical';
  const level = result.level ?? rule.defaultConfiguration?.level ?? 'warning';
  return level === 'none' ? 'note' : level;
}

function decodeUri(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    // A bare path with a percent sign in it, not an encoded URI: it stands for itself.
    return uri;
  }
}
