import type { AuditInput } from '../../../app/audit/audit.js';
import type { ReadjudicateInput, ReadjudicateOutput } from '../../../app/audit/readjudicate.js';
import type { AuditReport, Slipped } from '../../../core/caws/publication/audit-report.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { exitCodeOfVerdict, showVerdict } from './adjudicate.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { type CommandSurface, definedOnly, textOf } from './command-surface.js';

const shownSlipped = 20;
const shownFiles = 5;
const begins = {
  named: 'the base that was named',
  'last-audit': 'the last clean audit on this machine',
  'first-governed': 'the first governed commit; what was before is judged by nobody',
} as const;

function showSlipped(slipped: Slipped, terminal: Terminal): string[] {
  const { commit, kind, reason, detail, author, committed, subject, files, files_omitted: omitted, next } = slipped;
  const more = files.length + omitted - shownFiles;
  const named = files.slice(0, shownFiles).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return [
    `${paint(terminal, 'red', kind)} ${commit.slice(0, 12)} ${showForeign(subject)}`,
    `    ${showForeign(author)}, ${committed}: ${showForeign(named)}`,
    `    ${reason}: ${showForeign(detail)}`,
    ...next.map((step) => `    ${paint(terminal, 'dim', showForeign(`next: ${step}`))}`),
  ];
}

export const auditSurface: CommandSurface<AuditInput, AuditReport> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    allowLocal: flags['allowLocal'] === true,
    ...definedOnly({
      branch: textOf(flags, 'branch'),
      base: textOf(flags, 'base'),
      root: pathOfFlag(flags, 'root', terminal),
    }),
  }),
  show({ branch, base, since, clean, commits, covered, slipped }, terminal) {
    const ways = ['verdict', 'human', 're-adjudicated', 'brought'] as const;
    const counts = ways.flatMap((way) => {
      const count = covered.filter(({ by }) => by === way).length;
      return count === 0 ? [] : [`${count} ${way}`];
    });
    const rest = slipped.length - shownSlipped;
    const lines = [
      ...slipped.slice(0, shownSlipped).flatMap((one) => showSlipped(one, terminal)),
      ...(rest > 0 ? [`… and ${rest} more`] : []),
      clean
        ? `${paint(terminal, 'green', 'NOTHING SLIPPED')} onto ${showForeign(branch)}: ${countOf(commits, 'commit')}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`
        : `${paint(terminal, 'red', 'SLIPPED')} ${slipped.length} onto ${showForeign(branch)}, of ${countOf(commits, 'commit')}${counts.length === 0 ? '' : ` (covered: ${counts.join(', ')})`}`,
      `since ${base.slice(0, 12)}, ${begins[since]}`,
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ clean }) => (clean ? exitCodes.pass : exitCodes.fail),
};

export const readjudicateSurface: CommandSurface<ReadjudicateInput, ReadjudicateOutput> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    commit: textOf(flags, 'commit') ?? '',
    ...definedOnly({
      spec: textOf(flags, 'spec'),
      review: pathOfFlag(flags, 'review', terminal),
      out: pathOfFlag(flags, 'out', terminal),
      key: pathOfFlag(flags, 'key', terminal),
      publishKey: pathOfFlag(flags, 'publishKey', terminal),
    }),
  }),
  show({ commit, verdict, files, covered, record }, terminal) {
    const lines = [
      ...showVerdict(verdict, terminal),
      '',
      `verdict:   ${files.verdict}`,
      covered
        ? `${paint(terminal, 'green', 're-adjudicated')} ${commit.slice(0, 12)}: it is covered by this verdict
record:    ${record ?? ''}  refs/caws/ledger
next:      git push origin refs/caws/ledger`
        : `${paint(terminal, 'red', 'not covered')} ${commit.slice(0, 12)}: only a signed PASS that does not merely advise covers it`,
    ];
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ verdict, covered }) =>
    covered || verdict.verdict !== 'PASS' ? exitCodeOfVerdict[verdict.verdict] : exitCodes.fail,
};
