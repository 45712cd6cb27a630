import type { PublishInput, PublishOutput } from '../../../app/adjudicate/publish/publish.js';
import type { InstallInput, InstallOutput } from '../../../app/hook/install.js';
import type { ReceiveInput, ReceiveOutput } from '../../../app/hook/receive.js';
import type { VerifyRangeInput } from '../../../app/verify-range/verify-range.js';
import type { RangeReport, Refusal } from '../../../core/caws/publication/range-report.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { readInput } from './read-input.js';
import { type CommandSurface, type Flags, definedOnly, textOf, textsOf } from './command-surface.js';

export const publishSurface: CommandSurface<PublishInput, PublishOutput> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    target: textOf(flags, 'target') ?? '',
    reexamine: flags['reexamine'] === true,
    ...definedOnly({
      verdictKey: pathOfFlag(flags, 'verdictKey', terminal),
      // The operation's own schema says which modes there are.
      mode: textOf(flags, 'mode') as PublishInput['mode'],
      key: pathOfFlag(flags, 'key', terminal),
    }),
  }),
  show({ commit, ref, record, changed, replaces, verdict_id: id, pull_request: request }, terminal) {
    const lines = [
      paint(terminal, 'green', changed ? 'published' : 'published already'),
      ...(replaces === null ? [] : [`verdict ${id}  judged again on the new base, after ${replaces}`]),
      ...(commit === null ? [] : [`commit ${commit}  ${ref ?? ''}`]),
      `record ${record}  refs/caws/ledger`,
      ...(request === null
        ? []
        : ['', showForeign(request.title), '', ...request.body.trimEnd().split('\n').map(showForeign)]),
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

const shapeTrust = (flags: Flags, terminal: Terminal) => ({
  repository: repositoryOf(flags, terminal),
  allowLocal: flags['allowLocal'] === true,
  ...definedOnly({ root: pathOfFlag(flags, 'root', terminal) }),
});

function showRefusal({ commit, ref, reason, detail, mend }: Refusal, terminal: Terminal): string[] {
  const what = commit?.slice(0, 12) ?? ref ?? '';
  return [
    `${paint(terminal, 'red', 'refused')} ${showForeign(what)} ${reason}: ${showForeign(detail)}`,
    `        ${paint(terminal, 'dim', showForeign(mend))}`,
  ];
}

const shownRefusals = 20;

function showRefusals(refusals: readonly Refusal[], terminal: Terminal): string[] {
  const rest = refusals.length - shownRefusals;
  return [
    ...refusals.slice(0, shownRefusals).flatMap((refusal) => showRefusal(refusal, terminal)),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
  ];
}

export const verifyRangeSurface: CommandSurface<VerifyRangeInput, RangeReport> = {
  shape: (flags, terminal) => ({ ...shapeTrust(flags, terminal), range: textOf(flags, 'range') ?? '' }),
  show({ verified, commits, covered, refusals }, terminal) {
    const lines = [
      ...showRefusals(refusals, terminal),
      verified
        ? `${paint(terminal, 'green', 'VERIFIED')} ${countOf(commits, 'commit')}, each with a verdict or a person’s signature of its own`
        : `${paint(terminal, 'red', 'NOT VERIFIED')} ${covered.length} of ${countOf(commits, 'commit')} covered`,
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ verified }) => (verified ? exitCodes.pass : exitCodes.fail),
};

export const hookInstallSurface: CommandSurface<InstallInput, InstallOutput> = {
  shape: (flags, terminal) => ({
    ...shapeTrust(flags, terminal),
    // Neither named: the schema refuses it.
    kind: flags['server'] === true ? 'server' : flags['client'] === true ? 'client' : ('none' as 'client'),
    protect: textsOf(flags, 'protect'),
  }),
  show: ({ path, written, protect, next }, terminal) =>
    `${[`${paint(terminal, 'green', written ? 'installed' : 'was installed already')} ${path}`, `protects ${protect.join(', ')}`, ...next].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const hookReceiveSurface: CommandSurface<ReceiveInput, ReceiveOutput> = {
  async shape(flags, terminal) {
    const advisory = flags['advisory'] === true;
    const quarantine = textOf(flags, 'quarantine');
    return {
      ...shapeTrust(flags, terminal),
      advisory,
      protect: textsOf(flags, 'protect'),
      updates: parseUpdates(await readInput(), advisory),
      ...definedOnly({ quarantine }),
    };
  },
  show({ refusals, advisory }, terminal) {
    if (refusals.length === 0) return '';
    const headline = advisory
      ? 'arbiter: a server with the hook would refuse this push'
      : 'arbiter: the push is refused';
    return `${[headline, ...showRefusals(refusals, terminal)].join('\n')}\n`;
  },
  exitCode: ({ accepted }) => (accepted ? exitCodes.pass : exitCodes.fail),
};

/** Lines of pre-receive are `old new ref`; those of pre-push `local-ref local-id remote-ref remote-id` (githooks(5)). */
function parseUpdates(text: string, isPush: boolean): ReceiveInput['updates'] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [a = '', b = '', c = '', d = ''] = line.split(' ');
    return isPush ? { old: d, new: b, ref: c } : { old: a, new: b, ref: c };
  });
}
