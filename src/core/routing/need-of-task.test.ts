import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { WorkingSpec } from '../caws/working-spec.js';
import {
  type AskedNeed,
  type NeedMatter,
  type NeedRules,
  askedNeedSchema,
  needOfTask,
  needRulesSchema,
  residencyOf,
} from './need-of-task.js';

const rules = (more: Partial<NeedRules> = {}): NeedRules => needRulesSchema.parse(more);
const asked = (residency: string[], specialisations: string[] = []): AskedNeed =>
  askedNeedSchema.parse({ residency, specialisations });
const file = (path: string, bytes: number | null = null) => ({ path, bytes });

const matter = (more: Partial<NeedMatter> = {}): NeedMatter => ({
  words: '',
  spec: null,
  surface: 'code-editing',
  survey: { files: 3, inScope: [] },
  maxFiles: 10,
  rules: rules(),
  asked: null,
  ...more,
});

const inScope = (...files: ReturnType<typeof file>[]): Partial<NeedMatter> => ({
  survey: { files: files.length, inScope: files },
});

describe('what a task asks of its agent', () => {
  it('the language of most files in scope, and every other that a third of them are written in', () => {
    const need = needOfTask(matter(inScope(file('a.ts'), file('b.ts'), file('c.py'), file('d.md'))));
    expect(need?.languages).toEqual(['typescript', 'python']);
    const mostly = inScope(...['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.py'].map((path) => file(path)));
    expect(needOfTask(matter(mostly))?.languages).toEqual(['typescript']);
    expect(needOfTask(matter(inScope(file('docs/a.md'))))?.languages).toEqual([]);
    expect(needOfTask(matter(inScope(file('a.js'), file('b.ts'))))?.languages).toEqual(['typescript']);
  });

  it('the language of files that the scope names and that are still to be written', () => {
    const scope = { in: ['src/new.rs', 'docs'], out: [], support: [] };
    expect(needOfTask(matter({ spec: { scope } as unknown as WorkingSpec }))?.languages).toEqual(['rust']);
  });

  it('its surface as the type of task, and what the repository says in its place', () => {
    expect(needOfTask(matter({ surface: 'data-analysis' }))?.task_type).toBe('data-analysis');
    const said = rules({ task_type: 'review', languages: [], specialisations: ['sql'], context_tokens: 7 });
    expect(needOfTask(matter({ ...inScope(file('a.go')), rules: said, asked: asked([], ['ui', 'sql']) }))).toEqual({
      task_type: 'review',
      languages: [],
      specialisations: ['sql', 'ui'],
      residency: [],
      context_tokens: 7,
      more: {},
      statuses: ['available'],
    });
  });

  it('room for instructions, words, and as many files as the change may have', () => {
    expect(needOfTask(matter())?.context_tokens).toBe(4000);
    expect(needOfTask(matter({ words: 'x'.repeat(400) }))?.context_tokens).toBe(4100);
    const files = [file('a.ts', 4000), file('b.ts', 8000), file('c.ts'), file('d.png', 9e9), file('e.lock', 9e9)];
    // Three of the mean of 6,000 bytes; with room for two in the change, two.
    expect(needOfTask(matter(inScope(...files)))?.context_tokens).toBe(4000 + 18_000 / 4);
    expect(needOfTask(matter({ ...inScope(...files), maxFiles: 2 }))?.context_tokens).toBe(4000 + 12_000 / 4);
  });

  const places = fc.uniqueArray(fc.constantFrom<string>('eu', 'us', 'local'));
  test.prop([places, places])('a task narrows where models may run, and never widens it', (allowed, wanted) => {
    const found = residencyOf(rules({ residency: allowed }), asked(wanted));
    const isAllowed = (place: string): boolean => allowed.length === 0 || allowed.includes(place);
    if (found === null) {
      expect(wanted.length > 0 && !wanted.some(isAllowed)).toBe(true);
      expect(needOfTask(matter({ rules: rules({ residency: allowed }), asked: asked(wanted) }))).toBeNull();
    } else {
      expect(found.every((place) => isAllowed(place) && (wanted.length === 0 || wanted.includes(place)))).toBe(true);
      if (allowed.length + wanted.length > 0) expect(found.length).toBeGreaterThan(0);
    }
  });
});
