import type { Waiver } from '../waiver.js';
import { isRecord, recordOf, textOf, textsOf, writtenOf } from './plain-data.js';
import { timeOf } from './spec-fields.js';

const statuses = ['proposed', 'active', 'expired', 'revoked'] as const;

/** The one internal waiver of a file that its dialect has found valid; fields of either dialect are read where they are. */
export function normaliseWaiver(dialect: 'B' | 'C', value: unknown): Waiver {
  const file = recordOf(value);
  const scope = recordOf(file['scope']);
  const uses = recordOf(file['constraints'])['max_uses'];
  const reason = textOf(file['reason']) ?? textOf(file['description']);
  return {
    dialect,
    id: writtenOf(file['id']),
    title: textOf(file['title']) ?? textOf(file['description']) ?? writtenOf(file['id']),
    status: statuses.find((status) => status === file['status']) ?? 'revoked',
    gates: textsOf(file['gates']),
    scope: {
      specId: textOf(scope['spec_id']) ?? textOf(file['applies_to']),
      paths: textsOf(scope['paths']),
      ...boundOf(scope),
    },
    reasonCode: textOf(file['reason_code']),
    reason,
    mitigation: textOf(file['mitigation']) ?? textOf(file['mitigation_plan']),
    riskOwner: textOf(file['risk_owner']),
    requester: textOf(file['requested_by']),
    approvers: approversOf(file['approvers'], file['approved_by']),
    createdMs: timeOf(file['created_at']) ?? firstApprovalMs(file['approvers']),
    expiresMs: timeOf(file['expires_at']),
    // One use unless the file says otherwise (constitution §6).
    maxUses: typeof uses === 'number' ? uses : 1,
    delta: deltaOf(file['delta']),
  };
}

// Fields of ours. One that is there and no text binds it to nothing that exists, so that it never widens.
function boundOf(scope: Readonly<Record<string, unknown>>): Pick<Waiver['scope'], 'taskId' | 'repositoryId'> {
  const { task_id: taskId, repository_id: repositoryId } = scope;
  return {
    ...(taskId === undefined ? {} : { taskId: writtenOf(taskId) }),
    ...(repositoryId === undefined ? {} : { repositoryId: writtenOf(repositoryId) }),
  };
}

function approversOf(listed: unknown, single: unknown): string[] {
  const handles = (Array.isArray(listed) ? listed : []).map((item: unknown) =>
    textOf(isRecord(item) ? item['handle'] : item),
  );
  return [...new Set([...handles, textOf(single)])].filter((handle) => handle !== null);
}

// The older dialect has no creation time: the first approval stands for it.
function firstApprovalMs(listed: unknown): number | null {
  const times = (Array.isArray(listed) ? listed : []).map((item: unknown) => timeOf(recordOf(item)['approved_at']));
  return times.reduce((first, ms) => (ms !== null && (first === null || ms < first) ? ms : first), null);
}

// A figure that is none adds nothing; a negative one is kept, so that it is refused by name where the waiver is used.
function deltaOf(value: unknown): Waiver['delta'] {
  const { max_files: maxFiles, max_loc: maxLoc } = recordOf(value);
  return { maxFiles: wholeOrZero(maxFiles), maxLoc: wholeOrZero(maxLoc) };
}

function wholeOrZero(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}
