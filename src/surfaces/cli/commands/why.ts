import { resolve } from 'node:path';
import type { WhyInput } from '../../../app/why/why.js';
import type { Origin, OriginState, ToldVerdict, WhyReport } from '../../../core/caws/publication/why-report.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { pathOfFlag, repositoryOf } from './candidate-flags.js';
import { type CommandSurface, definedOnly, textOf } from './command-surface.js';

export const whySurface: CommandSurface<WhyInput, WhyReport> = {
  shape: (flags, terminal) => ({
    repository: repositoryOf(flags, terminal),
    target: resolve(repositoryOf(flags, terminal), textOf(flags, 'file') ?? ''),
    ...definedOnly({ at: textOf(flags, 'at'), root: pathOfFlag(flags, 'root', terminal) }),
  }),
  show(report, terminal) {
    const { file, revision, lines, total, notes, origins } = report;
    const asked = lines === null ? '' : `:${spell([lines])}`;
    const shown = [
      `${paint(terminal, 'bold', `${showForeign(file)}${asked}`)} at ${revision.slice(0, 12)}`,
      ...notes.map((note) => `${paint(terminal, 'yellow', 'note')} ${showForeign(note)}`),
      ...(total === 0 ? ['the file is empty'] : []),
      ...origins.flatMap((origin) => ['', ...showOrigin(origin, file, terminal)]),
    ];
    return `${shown.join('\n')}\n`;
  },
  // What stands against a line is said; whether it may land is what arbiter verify judges.
  exitCode: () => exitCodes.pass,
};

const colours: Readonly<Record<OriginState, Parameters<typeof paint>[1]>> = {
  verdict: 'green',
  human: 'green',
  forged: 'red',
  unproven: 'yellow',
  uncovered: 'yellow',
  'before-arbiter': 'dim',
};

function showOrigin(origin: Origin, file: string, terminal: Terminal): string[] {
  const { lines, state, headline, commit, committed, path, author, signed_by: signer, refusal, verdict } = origin;
  const plural = lines.length === 1 && lines[0]?.from === lines[0]?.to ? 'line' : 'lines';
  const person = signer === null ? `${author} (unproven name)` : `signed by ${signer}`;
  const who = verdict === null ? `, ${person}` : '';
  return [
    `${plural} ${spell(lines)}: ${paint(terminal, colours[state], showForeign(headline))}`,
    `  commit ${commit.slice(0, 12)} of ${committed.slice(0, 10)}${showForeign(who)}`,
    ...(path === file ? [] : [`  the file was ${showForeign(path)} there`]),
    ...(verdict === null ? [] : showVerdict(verdict).map((line) => `  ${showForeign(line)}`)),
    ...(refusal === null ? [] : [`  ${paint(terminal, 'dim', showForeign(`${refusal.reason}: ${refusal.mend}`))}`]),
  ];
}

function showVerdict(verdict: ToldVerdict): string[] {
  const { spec, worker, gates, waivers, ledger, task_id: task, attempt } = verdict;
  return [
    `verdict ${verdict.verdict_id}, ${verdict.trust}, of ${verdict.decided.slice(0, 10)}, signed by ${verdict.signer}`,
    ...(spec === null ? [] : [`spec ${spec.id} (tier ${spec.risk_tier}), sha256 ${spec.sha256.slice(0, 12)}`]),
    ...(worker === null ? ['worker not named'] : [showWorker(worker)]),
    ...(task === null ? [] : [`task ${task}, attempt ${attempt ?? 0}`]),
    gates.length === 0 ? 'gates none ran' : `gates ${gates.map(showGate).join(' · ')}`,
    ...waivers.map(
      ({ id, lifted, approver_key_id: key }) =>
        `waiver ${id} for ${lifted.length === 0 ? 'the budget' : lifted.join(', ')}, approved by ${key}`,
    ),
    ...(waivers.length === 0 ? ['no waiver'] : []),
    ledger === null ? 'ledger: it names no place' : showLedger(ledger),
  ];
}

function showWorker({ agent, version, model, prompt_sha256: prompt }: NonNullable<ToldVerdict['worker']>): string {
  const asked = prompt === null ? 'prompt not known' : `prompt sha256 ${prompt.slice(0, 12)}`;
  return `agent ${agent} ${version}, model ${model}, ${asked}`;
}

function showGate({ name, outcome, executed_count: count }: ToldVerdict['gates'][number]): string {
  return `${name} ${outcome}${count === null ? '' : ` (${count} ran)`}`;
}

function showLedger({ origin, index, vouched }: NonNullable<ToldVerdict['ledger']>): string {
  const by = vouched ? 'proven under the log’s key' : 'proven, but the keyring knows no key of a log';
  return `ledger ${origin}#${index}, ${by}`;
}

function spell(ranges: readonly { readonly from: number; readonly to: number }[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
