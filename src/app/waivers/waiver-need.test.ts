import { describe, expect, it } from 'vitest';
import type { NeededWaiver, Verdict } from '../../core/caws/verdict/verdict.js';
import { needOfVerdict } from './waiver-need.js';

const budgets: Verdict['budgets'] = {
  limits: { files: 50, loc: 2000 },
  measured: { files: 40, loc: 2500 },
  source: 'default',
  method: 'git',
};
const needed = (gate: string, paths: string[], omitted = 0): NeededWaiver => {
  return { rule: gate, gate, clause: 'CAWS', paths, paths_omitted: omitted };
};

describe('needOfVerdict', () => {
  it('asks for each gate once and for the paths of all, where every path is known', () => {
    const waivers_needed = [needed('rule:D4', ['b', 'a']), needed('rule:D3', ['a']), needed('rule:D4', ['c'])];
    expect(needOfVerdict({ waivers_needed, budgets })).toEqual({
      gates: ['rule:D3', 'rule:D4'],
      paths: ['a', 'b', 'c'],
      files: 0,
      lines: 0,
    });
  });

  it('is for the whole change as soon as one need is, or as paths were left out for length', () => {
    const whole = [needed('rule:D4', ['a']), needed('mutation_threshold', [])];
    expect(needOfVerdict({ waivers_needed: whole, budgets }).paths).toEqual([]);
    expect(needOfVerdict({ waivers_needed: [needed('rule:D4', ['a'], 3)], budgets }).paths).toEqual([]);
  });

  it('adds to the budget what it lacks, and nothing where it was not measured', () => {
    const waivers_needed = [needed('budget_limit', [])];
    expect(needOfVerdict({ waivers_needed, budgets })).toMatchObject({ files: 0, lines: 500 });
    expect(needOfVerdict({ waivers_needed, budgets: null })).toMatchObject({ files: 0, lines: 0 });
  });
});
