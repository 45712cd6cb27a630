import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseReport } from '../src/adapters/reports/parse-report.js';
import { gateKindSchema, reportFormatSchema } from '../src/core/caws/arbiter-config.js';
import type { GateJudgement } from '../src/core/caws/gate/gate-judgement.js';
import { judgeCoverage } from '../src/core/caws/gate/judge-coverage.js';
import { judgeIssues } from '../src/core/caws/gate/judge-issues.js';
import { judgeMutation } from '../src/core/caws/gate/judge-mutation.js';
import { judgeTests } from '../src/core/caws/gate/judge-tests.js';
import type { CoverageReport, IssueReport, MutationReport } from '../src/core/caws/gate/report.js';
import { type TestRun } from '../src/core/caws/gate/test-run.js';
import { isFault } from '../src/core/fault.js';
import { testCase } from './gate-case-lines.js';

const repeatSchema = z.strictObject({ unit: z.string(), times: z.number(), after: z.string().default('') });
const runSchema = z.strictObject({
  exit: z.number().nullable(),
  tests: z.array(z.string()),
  repeat: repeatSchema.optional(),
});
const coverageSchema = z.record(
  z.string(),
  z.strictObject({
    hit: z.array(z.number()).default([]),
    miss: z.array(z.number()).default([]),
    branches: z.record(z.string(), z.string().regex(/^\d+\/\d+$/)).default({}),
  }),
);
const caseSchema = z.strictObject({
  name: z.string(),
  report: z
    .strictObject({
      format: reportFormatSchema,
      root: z.string().default('/box'),
      text: z.string().optional(),
      repeat: repeatSchema.optional(),
      bytes: z.array(z.number()).optional(),
      megabytes: z.number().optional(),
    })
    .optional(),
  run: runSchema.optional(),
  base: runSchema.nullable().optional(),
  tripwire: z.boolean().default(true),
  removed: z.array(z.string()).default([]),
  coverage: coverageSchema.optional(),
  others: z.array(coverageSchema).default([]),
  changed: z.record(z.string(), z.array(z.number())).default({}),
  tier: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(3),
  coverageBp: z.number().nullable().default(null),
  mutants: z.array(z.string()).optional(),
  source: z.enum(['tool', 'line-mutator']).default('tool'),
  kind: gateKindSchema.optional(),
  issues: z.array(z.string()).optional(),
  baseIssues: z.array(z.string()).optional(),
  exit: z.number().nullable().default(0),
  expect: z.strictObject({
    unparseable: z.string().optional(),
    line: z.number().optional(),
    tests: z.array(z.string()).optional(),
    outcome: z.enum(['pass', 'fail', 'error']).optional(),
    tripwire: z.string().optional(),
    baseline: z.string().nullable().optional(),
    executed: z.number().optional(),
    findings: z.array(z.string()).optional(),
    count: z.number().optional(),
    says: z.string().optional(),
    metrics: z.record(z.string(), z.number()).default({}),
  }),
});
type Case = z.infer<typeof caseSchema>;

const folder = new URL('cases/gates/', import.meta.url);
const sheets = readdirSync(fileURLToPath(folder))
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => ({ name, cases: z.array(caseSchema).parse(parse(readFileSync(new URL(name, folder), 'utf8'))) }));

function bytesOf({ text = '', repeat, bytes, megabytes }: NonNullable<Case['report']>): Uint8Array {
  if (bytes !== undefined) return Uint8Array.from(bytes);
  if (megabytes !== undefined) return new Uint8Array(megabytes * 1_000_000).fill(0x20);
  const repeated = repeat === undefined ? '' : repeat.unit.repeat(repeat.times) + repeat.after.repeat(repeat.times);
  return new TextEncoder().encode(text + repeated);
}

function runOf(run: z.infer<typeof runSchema>, tripwire: boolean): TestRun {
  const { unit = '', times = 0 } = run.repeat ?? {};
  const lines = [...run.tests, ...Array.from({ length: times }, (_, index) => unit.replace('%', String(index)))];
  return {
    exit: run.exit,
    report: { tests: lines.map(testCase) },
    tripwire: tripwire ? { name: 'wire', nonce: 'nonce-7' } : null,
  };
}

function coverageOf(files: z.infer<typeof coverageSchema>): CoverageReport {
  return {
    files: Object.entries(files).map(([path, { hit, miss, branches }]) => ({
      path,
      lines: new Map([...hit.map((line) => [line, 1] as const), ...miss.map((line) => [line, 0] as const)]),
      branches: Object.entries(branches).flatMap(([line, ways]) => {
        const [taken = 0, of = 0] = ways.split('/').map(Number);
        return Array.from({ length: of }, (_, index) => ({ line: Number(line), taken: index < taken ? 1 : 0 }));
      }),
    })),
  };
}

function mutantOf(line: string): MutationReport['mutants'][number] {
  const [, outcome, path, at] = /^(\S+) (.+):(\d+)$/.exec(line) ?? [];
  const known = z.enum(['killed', 'survived', 'no-coverage', 'timeout', 'invalid']).parse(outcome);
  return { outcome: known, path: path ?? '', line: Number(at), description: 'a change' };
}

function issueOf(line: string): IssueReport['issues'][number] {
  const [, level, ruleId, path, at, message] = /^(\S+) (\S+) (.+):(\d+) \| (.*)$/.exec(line) ?? [];
  const known = z.enum(['critical', 'error', 'warning', 'note']).parse(level);
  return { level: known, ruleId: ruleId ?? '', path: path ?? null, line: Number(at), message: message ?? '' };
}

function judge(one: Case): GateJudgement {
  const changed = Object.entries(one.changed).map(([path, lines]) => ({ path, lines }));
  const thresholds = { 1: one.coverageBp, 2: one.coverageBp, 3: one.coverageBp };
  if (one.run !== undefined) {
    const base = one.base == null ? null : runOf(one.base, one.tripwire);
    return judgeTests({ candidate: runOf(one.run, one.tripwire), base, removedTests: one.removed });
  }
  if (one.coverage !== undefined) {
    const [report, others] = [coverageOf(one.coverage), one.others.map(coverageOf)];
    return judgeCoverage({ report, others, changed, tier: one.tier, policy: { coverageBp: thresholds } });
  }
  if (one.mutants !== undefined) {
    const report = { mutants: one.mutants.map(mutantOf) };
    const policy = { mutationBp: { 1: null, 2: null, 3: null } };
    return judgeMutation({ report, changed, tier: one.tier, policy, source: one.source });
  }
  const issues = (lines: readonly string[]): IssueReport => ({ issues: lines.map(issueOf) });
  return judgeIssues({
    kind: gateKindSchema.parse(one.kind),
    report: issues(one.issues ?? []),
    base: one.baseIssues === undefined ? null : issues(one.baseIssues),
    exit: one.exit,
  });
}

function checkReport(report: NonNullable<Case['report']>, expected: Case['expect']): void {
  const read = () => parseReport(report.format, bytesOf(report), { root: report.root });
  if (expected.unparseable === undefined) {
    const parsed = read();
    const tests = parsed.kind === 'tests' ? parsed.report.tests : [];
    expect(tests.map((test) => `${test.outcome} ${test.id}`)).toEqual(expected.tests);
    return;
  }
  const fault = faultOf(read);
  expect(fault.message).toContain(expected.unparseable);
  if (expected.line !== undefined) expect(fault.place?.line).toBe(expected.line);
}

function faultOf(read: () => unknown) {
  try {
    read();
  } catch (error) {
    if (isFault(error, 'REPORT_UNPARSEABLE')) return error;
    throw error;
  }
  throw new Error('the report was read');
}

function checkJudgement(judgement: GateJudgement, expected: Case['expect']): void {
  const lines = judgement.findings.map((finding) => `${finding.severity} ${finding.rule}`);
  if (expected.findings !== undefined) expect(lines).toEqual(expected.findings);
  if (expected.count !== undefined) expect(lines).toHaveLength(expected.count);
  expect(judgement.outcome).toBe(expected.outcome);
  expect(judgement.reason === null).toBe(judgement.outcome === 'pass');
  expect(judgement.metrics).toMatchObject(expected.metrics);
  if (expected.says !== undefined)
    expect(judgement.findings.map((one) => one.message).join('\n')).toContain(expected.says);
  const { tripwire = judgement.tripwire, baseline = judgement.baseline, executed = judgement.executedCount } = expected;
  expect({ tripwire: judgement.tripwire, baseline: judgement.baseline, executed: judgement.executedCount }).toEqual({
    tripwire,
    baseline,
    executed,
  });
}

describe.each(sheets)('gates: $name', ({ cases }) => {
  it.each(cases)('$name', (one) => {
    if (one.report === undefined) checkJudgement(judge(one), one.expect);
    else checkReport(one.report, one.expect);
  });
});

it('holds at least forty cases', () => {
  expect(sheets.flatMap((sheet) => sheet.cases).length).toBeGreaterThanOrEqual(40);
});
