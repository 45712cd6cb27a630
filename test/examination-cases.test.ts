import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ArbiterConfig, arbiterConfigSchema } from '../src/core/caws/arbiter-config.js';
import { type ChangedFile, totalChange } from '../src/core/caws/change.js';
import { examineFile } from '../src/core/caws/examine/examine-file.js';
import { examinePlea, scopeOf } from '../src/core/caws/examine/examine-plea.js';
import type { Examination } from '../src/core/caws/examine/examination.js';
import { planOfEditSchema } from '../src/core/caws/plea.js';
import { type Policy, defaultPolicy } from '../src/core/caws/policy.js';
import type { ChangeMode, WorkingSpec } from '../src/core/caws/working-spec.js';

interface Case {
  name: string;
  spec?: null | {
    mode?: ChangeMode;
    in?: string[];
    out?: string[];
    support?: string[];
    contracts?: string[];
    maxFiles?: number;
    maxLoc?: number;
  };
  policy?: Partial<Policy>;
  config?: object;
  plan?: object;
  existing?: string[];
  change: string[];
  expect: string[];
  loose?: boolean;
}

const folder = new URL('cases/examination/', import.meta.url);
const cases = readdirSync(fileURLToPath(folder))
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parse(readFileSync(new URL(name, folder), 'utf8')) as Case[]);

function specOf(input: Case['spec']): WorkingSpec | null {
  if (input === null) return null;
  const { mode = 'fix', in: inside = ['src', 'test'], out = [], support = [], contracts = [] } = input ?? {};
  return {
    dialect: 'C',
    id: 'T-1',
    title: 'a case',
    riskTier: 3,
    mode,
    lifecycle: 'active',
    changeBudget: input?.maxFiles === undefined ? null : { maxFiles: input.maxFiles, maxLoc: input.maxLoc ?? 0 },
    blastRadius: { modules: ['src'], dataMigration: false },
    scope: { in: inside, out, support },
    invariants: [],
    acceptance: [],
    security: [],
    contracts: contracts.map((path) => ({ type: 'api', name: null, path })),
    rollbackSlo: null,
  };
}

function fileOf(line: string): ChangedFile {
  const match = /^([AMDTR]) (.+?)(?: -> (.+?))?((?: (?:\+\d+|-\d+|binary|mode \S+|long \d+))*)$/.exec(line);
  if (match === null) throw new Error(`not a change line: ${line}`);
  const [, status, path, target, rest = ''] = match;
  const number = (pattern: RegExp): number => Number(pattern.exec(rest)?.[1] ?? 0);
  const modes = /mode (\S+):(\S+)/.exec(rest);
  const mode = (text: string | undefined): ChangedFile['oldMode'] =>
    text === undefined ? '100644' : text === '-' ? null : (text as ChangedFile['oldMode']);
  return {
    status: status as ChangedFile['status'],
    oldPath: status === 'A' ? null : (path ?? ''),
    newPath: status === 'D' ? null : (target ?? path ?? ''),
    added: number(/\+(\d+)/),
    removed: number(/ -(\d+)/),
    binary: rest.includes('binary'),
    oldMode: status === 'A' ? null : mode(modes?.[1]),
    newMode: status === 'D' ? null : mode(modes?.[2]),
    oldBlob: status === 'A' ? null : 'a'.repeat(40),
    newBlob: status === 'D' ? null : 'b'.repeat(40),
    longLineSurplus: number(/long (\d+)/),
  };
}

function examineCase(input: Case, files = input.change.map(fileOf)): Examination {
  const spec = specOf(input.spec);
  const policy: Policy = { ...defaultPolicy, ...input.policy };
  const config: ArbiterConfig = arbiterConfigSchema.parse({ version: 1, ...input.config });
  const change = {
    base: 'c'.repeat(40),
    baseTree: 'd'.repeat(40),
    head: null,
    tree: 'e'.repeat(40),
    contentSha256: 'f'.repeat(64),
    files,
    totals: totalChange(files),
  };
  const admission = spec === null ? null : (config.admissions[spec.id] ?? null);
  const context = { change, spec, admission, standingOf: scopeOf(spec, policy, config) };
  return examinePlea({
    spec,
    policy,
    config,
    plan: input.plan === undefined ? null : planOfEditSchema.parse(input.plan),
    change,
    files: files.map((file) =>
      examineFile(
        { file, oldText: '', newText: '', addedLines: [], removedLines: [], oldSyntax: null, newSyntax: null },
        context,
      ),
    ),
    existingOriginals: new Set(input.existing),
    waivers: [],
  });
}

describe('examination, case by case', () => {
  for (const input of cases) {
    it(input.name, () => {
      const rules = new Set(examineCase(input).findings.map((finding) => finding.rule));
      if (input.loose === true) expect([...rules]).toEqual(expect.arrayContaining(input.expect));
      else expect([...rules].sort()).toEqual([...input.expect].sort());
    });
  }

  it('has cases to run', () => expect(cases.length).toBeGreaterThan(40));
});

describe('examination, laws', () => {
  test.prop([fc.constantFrom(...cases), fc.infiniteStream(fc.nat())])(
    'the order of the files does not change the answer',
    (input, order) => {
      const files = input.change.map(fileOf);
      const shuffled = files
        .map((file) => ({ file, key: order.next().value }))
        .sort((a, b) => a.key - b.key)
        .map(({ file }) => file);
      expect(examineCase(input, shuffled).findings).toEqual(examineCase(input, files).findings);
    },
  );

  test.prop([fc.constantFrom(...cases), fc.constantFrom(...cases)])(
    'more change never takes a finding away',
    (input, other) => {
      const rules = (examination: Examination): Set<string> => new Set(examination.findings.map(({ rule }) => rule));
      const before = rules(examineCase(input));
      const files = [...input.change, ...other.change.filter((line) => !input.change.includes(line))].map(fileOf);
      const after = rules(examineCase(input, files));
      for (const rule of before) expect(after).toContain(rule);
    },
  );
});
