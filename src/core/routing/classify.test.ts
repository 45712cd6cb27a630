import { describe, expect, it } from 'vitest';
import { type TaskWords, classifyTask } from './classify.js';
import { featuresSchema } from './surface.js';

const task = (words: string, changes: Partial<TaskWords> = {}): TaskWords => ({
  words,
  spec: null,
  repository: null,
  ...changes,
});
const spec: NonNullable<TaskWords['spec']> = {
  riskTier: 2,
  mode: 'fix',
  changeBudget: { maxFiles: 5, maxLoc: 100 },
  scope: { in: ['src'], out: [], support: [] },
  acceptance: [],
  blastRadius: { modules: [], dataMigration: false },
};

describe('classification', () => {
  it.each([
    ['Fix the crash in parse() when the file is empty', 'code-editing'],
    ['Add a retry to the client module', 'code-editing'],
    ['Find out which papers cite this method and write a survey with sources', 'research-assistant'],
    ['Plot the histogram of response times in the csv and find outliers in the dataset', 'data-analysis'],
    ['', 'code-editing'],
  ])('of %j: %s', (words, surface) => {
    expect(classifyTask(task(words)).surface).toBe(surface);
  });

  it.each([
    ['Fix a typo in the readme', 'trivial'],
    ['Rename the flag', 'trivial'],
    ['Fix the off-by-one in the pager', 'standard'],
    ['Implement the whole library from scratch', 'complex'],
    ['Redo the layout of the settings screen so that the button is visible', 'complex'],
  ])('of %j: %s', (words, complexity) => {
    expect(classifyTask(task(words)).complexity).toBe(complexity);
  });

  it('predicts for plain fixes what agents fail at on SWE-bench, a little less for a text without lines and code', () => {
    const { hardness } = classifyTask(task('Fix the off-by-one in the pager'));
    expect(hardness).toBeGreaterThan(0.19);
    expect(hardness).toBeLessThan(0.28);
  });

  it('what has a scope is code, a graver tier is harder, docs are easier', () => {
    const words = 'Plot the histogram of the dataset';
    const at = (changes: Partial<typeof spec>) => classifyTask(task(words, { spec: { ...spec, ...changes } }));
    expect(at({}).surface).toBe('code-editing');
    expect(at({ riskTier: 1 }).hardness).toBeGreaterThan(at({ riskTier: 3 }).hardness);
    expect(at({ mode: 'doc' }).complexity).toBe('trivial');
  });

  it('gives finite features between 0 and 1, also for a megabyte of odd text', () => {
    const repository = { files: 1e9 };
    for (const words of ['\u0000\uFFFF', 'a '.repeat(500_000), '\n'.repeat(100_000), '`'.repeat(100_000)]) {
      const { features } = classifyTask(task(words, { spec, repository }));
      expect(featuresSchema.parse(features)).toEqual(features);
      expect(Object.values(features).every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it('is the same each time it is asked', () => {
    const words = 'Research the sources, find out which papers cite them';
    expect(classifyTask(task(words))).toEqual(classifyTask(task(words)));
  });
});
