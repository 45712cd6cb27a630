import type { Admission } from '../arbiter-config.js';
import { type Change, pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, type Rule, findingOf } from '../finding.js';
import type { Standing } from '../scope.js';
import { examineFileTampering } from '../tamper/examine-tampering.js';
import type { ChangeNotes } from '../tamper/tamper-rule.js';
import type { WorkingSpec } from '../working-spec.js';
import { examineMode } from './examine-mode.js';

const unreadRule: Rule = {
  id: 'examine.unread',
  clause: 'constitution §3 (fail closed)',
  severity: 'waivable',
  why: 'content that was not read was not judged',
  mend: 'split the file, or keep generated data out of the change',
};

/** What the examination of one file leaves behind; small, so that a change of any size can be held. */
export interface FileExamination {
  readonly findings: readonly Finding[];
  readonly notes: ChangeNotes;
}

/** Mode and tampering for one changed file. Pure; the order in which files come does not matter. */
export function examineFile(
  facts: FileFacts,
  context: {
    readonly change: Change;
    readonly spec: WorkingSpec | null;
    readonly admission: Admission | null;
    readonly standingOf: (path: string) => Standing;
  },
): FileExamination {
  const { change, spec, admission } = context;
  const tampering = examineFileTampering(facts, { change, spec, admission });
  const standing = context.standingOf(pathOf(facts.file));
  const mode = spec === null ? [] : examineMode(facts, { spec, admission, standing });
  return { findings: [...tampering.findings, ...mode, ...examineReadability(facts)], notes: tampering.notes };
}

function examineReadability(facts: FileFacts): Finding[] {
  const { file } = facts;
  const isText = !file.binary && file.newMode !== '160000' && file.oldMode !== '160000';
  const unread = (file.newPath !== null && facts.newText === null) || (file.oldPath !== null && facts.oldText === null);
  return isText && unread && file.status !== 'R'
    ? [findingOf(unreadRule, 'the file is too large to be read by the content rules', { path: pathOf(file) })]
    : [];
}
