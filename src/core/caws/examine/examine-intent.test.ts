import { describe, expect, it } from 'vitest';
import { planOfEditSchema } from '../plea.js';
import { compileScope } from '../scope.js';
import { examineIntent } from './examine-intent.js';

const spec = {
  id: 'S-1',
  standingOf: compileScope({
    scope: { in: ['src'], out: ['src/legacy'], support: ['docs'] },
    nonGovernedZones: [],
    rootPassthrough: [],
    protectedPaths: [],
  }),
};
const limits = { files: 2, loc: 20 };
const plan = (files: { path: string; lines: number }[], spec_id = 'S-1') => planOfEditSchema.parse({ spec_id, files });
const rules = (...files: { path: string; lines: number }[]) =>
  examineIntent(plan(files), spec, limits).map(
    (finding) => `${finding.rule} ${finding.path ?? ''}: ${finding.message}`,
  );

describe('a plan of edit', () => {
  it('inside scope and budget is admitted', () => {
    expect(rules({ path: 'src/a.ts', lines: 10 }, { path: 'docs/a.md', lines: 10 })).toEqual([]);
    expect(rules()).toEqual([]);
  });

  it.each([
    ['lib/a.ts', 'lies outside scope.in'],
    ['src/legacy/a.ts', 'lies in scope.out'],
    ['.caws/policy.yaml', 'is protected'],
    ['src/../lib/a.ts', 'cannot be judged'],
    ['/etc/passwd', 'cannot be judged'],
  ])('that names %s is refused: it %s', (path, message) => {
    const [found] = rules({ path, lines: 1 });
    expect(found).toContain('plan.scope');
    expect(found).toContain(message);
  });

  it('of too many files or lines is refused, at the strict limit not', () => {
    expect(rules({ path: 'src/a', lines: 10 }, { path: 'src/b', lines: 10 })).toEqual([]);
    expect(rules({ path: 'src/a', lines: 21 })).toEqual(['plan.budget : 21 lines planned, 20 allowed']);
    const three = ['a', 'b', 'c'].map((name) => ({ path: `src/${name}`, lines: 1 }));
    expect(rules(...three)).toEqual(['plan.budget : 3 files planned, 2 allowed']);
  });

  it('for another spec is refused', () => {
    expect(examineIntent(plan([], 'S-2'), spec, limits).map((finding) => finding.rule)).toEqual(['plan.spec']);
  });
});
