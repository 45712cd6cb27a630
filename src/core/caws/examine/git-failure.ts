import { type Finding, type Rule, findingOf } from '../finding.js';
import type { Examination } from './examination.js';

const gitRule: Rule = {
  id: 'measure.git',
  clause: 'constitution §3, Measuring (any git error or timeout is FAIL with its reason)',
  severity: 'block',
  why: 'a change that could not be measured must never pass as an empty one',
  mend: 'mend the repository (git fsck), then adjudicate again',
};

/** The examination of a change that git could not measure: one blocking finding with git's own reason. */
export function examineUnmeasured(reason: string): Examination {
  const finding: Finding = findingOf(gitRule, `the change could not be measured: ${reason}`);
  return { findings: [finding], budget: null };
}
