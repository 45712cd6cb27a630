import { describe, expect, it } from 'vitest';
import { tamperRules } from '../src/core/caws/tamper/index.js';
import { judgeTamperCases, readTamperCases } from './tamper-cases.js';

const judged = judgeTamperCases(readTamperCases());

describe('tamper cases', () => {
  for (const { case: it_, findings, right } of judged) {
    const gap = it_.known === undefined ? '' : ` (known gap: ${it_.known})`;
    const asks = `${it_.kind === 'tamper' ? 'is seen' : 'passes'}${gap}`;
    it(`${it_.rule} ${it_.language}, ${it_.kind}: ${it_.name} ${asks}`, () => {
      const own = findings.filter((finding) => finding.rule === it_.rule);
      expect(right, `findings of ${it_.rule}: ${JSON.stringify(own, null, 2)}`).toBe(true);
    });
  }

  it.each(tamperRules.map((rule) => rule.id))('%s has at least five true cases and five honest look-alikes', (id) => {
    const kinds = judged.filter((it_) => it_.case.rule === id).map((it_) => it_.case.kind);
    expect(kinds.filter((kind) => kind === 'tamper').length).toBeGreaterThanOrEqual(5);
    expect(kinds.filter((kind) => kind === 'honest').length).toBeGreaterThanOrEqual(5);
  });
});
