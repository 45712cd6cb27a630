import type {
  WaiverApproval,
  WaiverIdInput,
  WaiverList,
  WaiverListInput,
  WaiverRequested,
  WaiverSignInput,
} from '../../../app/waivers/operations.js';
import type { WaiverRequest } from '../../../app/waivers/request-waiver.js';
import type { WaiverReport } from '../../../app/waivers/waiver-report.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf, textsOf } from './command-surface.js';

const colours: Readonly<Record<WaiverReport['state'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  proposed: 'yellow',
  signed: 'green',
  consumed: 'dim',
  expired: 'dim',
  denied: 'red',
  revoked: 'red',
};

function shapeId(flags: Flags, terminal: Terminal): WaiverIdInput {
  return { repository: repositoryOf(flags, terminal), id: textOf(flags, 'id') ?? '' };
}

function shapeSign(flags: Flags, terminal: Terminal): WaiverSignInput {
  const files = { signature: pathOfFlag(flags, 'signature', terminal), key: pathOfFlag(flags, 'key', terminal) };
  return { ...shapeId(flags, terminal), ...definedOnly(files) };
}

function showLine(waiver: WaiverReport, terminal: Terminal): string {
  const { id, state, spec_id, gates, requested_by, expires } = waiver;
  const stands = paint(terminal, colours[state], state.padEnd(9));
  const what = showForeign(`${spec_id}  ${gates.join(', ')}  asked by ${requested_by}`);
  return `${paint(terminal, 'bold', id)}  ${stands} ${what}  until ${expires ?? 'never'}`;
}

/** A waiver's life, a line for each thing that happened to it. */
function showLife(waiver: WaiverReport, terminal: Terminal): string[] {
  const { approvals, withdrawn, uses, max_uses } = waiver;
  return [
    showLine(waiver, terminal),
    `  sha256 ${waiver.sha256}`,
    `  ${waiver.requested}  asked by ${showForeign(waiver.requested_by)}${waiver.task_id === null ? '' : ` for task ${waiver.task_id}`}`,
    ...approvals.map(({ at, by, key_id }) => `  ${at}  approved by ${showForeign(by)} (${key_id})`),
    ...uses.map(({ at, verdict_id, task_id }) => `  ${at}  used by verdict ${verdict_id} of task ${task_id}`),
    ...(withdrawn === null ? [] : [`  ${withdrawn.at}  ${withdrawn.kind} by ${showForeign(withdrawn.by)}`]),
    `  ${uses.length} of ${countOf(max_uses, 'use')}`,
  ];
}

export const waiverRequestSurface: CommandSurface<WaiverRequest, WaiverRequested> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    gates: textsOf(flags, 'gate'),
    paths: textsOf(flags, 'path'),
    reason: textOf(flags, 'reason') ?? '',
    mitigation: textOf(flags, 'mitigation') ?? '',
    maxUses: numberOf(flags, 'maxUses') ?? 1,
    // commander has checked it against the choices.
    reasonCode: (textOf(flags, 'reasonCode') ?? 'other') as WaiverRequest['reasonCode'],
    ...definedOnly({
      task: textOf(flags, 'task'),
      spec: textOf(flags, 'spec'),
      files: numberOf(flags, 'files'),
      lines: numberOf(flags, 'lines'),
      title: textOf(flags, 'title'),
      riskOwner: textOf(flags, 'riskOwner'),
      as: textOf(flags, 'as'),
      days: numberOf(flags, 'days'),
      out: pathOfFlag(flags, 'out', terminal),
    }),
  }),
  show: ({ waiver, file }, terminal) =>
    `${[
      ...showLife(waiver, terminal),
      '',
      `An approver reads ${file}, signs it and hands the signature in:`,
      `  ssh-keygen -Y sign -n caws-waiver -f ~/.ssh/id_ed25519 ${file}`,
      `  arbiter waiver approve ${waiver.id} --signature ${file}.sig`,
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const waiverListSurface: CommandSurface<WaiverListInput, WaiverList> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    ...definedOnly({ spec: textOf(flags, 'spec') }),
  }),
  show: ({ waivers }, terminal) =>
    waivers.length === 0
      ? 'no waivers: arbiter waiver request --task ID asks for one\n'
      : `${waivers.map((waiver) => showLine(waiver, terminal)).join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const waiverShowSurface: CommandSurface<WaiverIdInput, WaiverReport> = {
  shape: shapeId,
  show: (waiver, terminal) =>
    `${[
      ...showLife(waiver, terminal),
      '',
      ...waiver.text.trimEnd().split('\n').map(showForeign),
      '',
      'To say no, sign this line (ssh-keygen -Y sign -n caws-waiver):',
      `  ${showForeign((waiver.approvals.length === 0 ? waiver.statements.deny : waiver.statements.revoke).trimEnd())}`,
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const waiverApproveSurface: CommandSurface<WaiverSignInput, WaiverApproval> = {
  shape: shapeSign,
  show: ({ waiver, added, by, needed, missing, resumed }, terminal) =>
    `${[
      ...showLife(waiver, terminal),
      '',
      added ? `${showForeign(by)} approves it.` : `${showForeign(by)} had approved it before.`,
      missing === null
        ? paint(terminal, 'green', 'It counts in the next verdict.')
        : `It does not count yet (${countOf(needed, 'approver')} needed): ${showForeign(missing)}`,
      ...resumed.map((id) => `Task ${id} goes on.`),
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const waiverWithdrawSurface: CommandSurface<WaiverSignInput, WaiverReport> = {
  shape: shapeSign,
  show: (waiver, terminal) => `${showLife(waiver, terminal).join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};
