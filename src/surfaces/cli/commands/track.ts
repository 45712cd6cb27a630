import { resolve } from 'node:path';
import type { DataCard } from '../../../core/learning/data-card.js';
import type { TrackReport } from '../../../core/learning/report.js';
import type { TrackExportInput } from '../../../app/learning/track-export.js';
import type { TrackOutcomes, TrackOutcomesInput } from '../../../app/learning/track-outcomes.js';
import type { TrackReconcile, TrackReconcileInput } from '../../../app/learning/track-reconcile.js';
import type { TrackReportInput } from '../../../app/learning/track-report.js';
import type { TrackStatus } from '../../../app/learning/track-status.js';
import type { TrackTidy, TrackTidyInput } from '../../../app/learning/track-tidy.js';
import { exitCodes } from '../exit-codes.js';
import { countOf, paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf } from './command-surface.js';

const listed = (counts: Readonly<Record<string, number | undefined>>): string => {
  const some = Object.entries(counts).filter(([, n]) => n !== undefined && n > 0);
  return some.length === 0 ? 'none' : some.map(([name, n]) => `${n} ${name}`).join(', ');
};

export const trackStatusSurface: CommandSurface<Record<string, never>, TrackStatus> = {
  shape: () => ({}),
  show({ tasks, points, outcomes, missing, removed, months }, terminal) {
    const { seen, told, behind, ended, complete } = tasks;
    const late = outcomes.late === 0 ? '' : `, ${outcomes.late} late`;
    return `${[
      behind === 0
        ? paint(terminal, 'green', `${countOf(seen, 'task')} seen, all told`)
        : paint(
            terminal,
            'yellow',
            `${countOf(seen, 'task')} seen, ${told} told, ${behind} behind: a worker tells them on, or arbiter track tidy`,
          ),
      `${ended} ended, ${complete} of them complete`,
      `points: ${listed(points)}`,
      `outcomes: ${outcomes.total}, ${outcomes.complete} complete${late}; missing: ${listed(missing)}`,
      `taken out before storage: ${listed(removed)}`,
      ...months.map(
        ({ month, points: n, folded }) => `  ${month}  ${countOf(n, 'point')}${folded ? ', folded into sums' : ''}`,
      ),
    ].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

const shapeTime = (flags: Flags): TrackReportInput =>
  definedOnly({ since: textOf(flags, 'since'), until: textOf(flags, 'until') });

const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);

export const trackReportSurface: CommandSurface<TrackReportInput, TrackReport> = {
  shape: shapeTime,
  show({ whole, by_surface: surfaces, by_arm: arms, cancelled, micro_usd_per_accepted: price }) {
    const steps = (name: string, one: TrackReport['whole']): string =>
      `${name.padEnd(20)} ${countOf(one.ended, 'task').padStart(10)}   plan success ${percent(one.plan_success)} · first step ${percent(one.first_step_success)} · planned escalation ${percent(one.planned_escalation)} · unplanned fallback ${percent(one.unplanned_fallback)}`;
    return `${[
      steps('all', whole),
      ...surfaces.map((one) => steps(`  ${one.surface ?? 'not routed'}`, one)),
      `cancelled: ${cancelled} · ${price === null ? 'nothing accepted yet' : `$${(price / 1_000_000).toFixed(4)} for each accepted task`}`,
      ...arms.map(showArm),
    ].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

function showArm(arm: TrackReport['by_arm'][number]): string {
  const [low, high] = arm.pass_interval ?? [0, 1];
  const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`);
  const name = showForeign(`${arm.agent}@${arm.version}${arm.model === '' ? '' : ` (${arm.model})`}`);
  return `  ${name}, ${arm.surface ?? 'not routed'}: ${countOf(arm.executions, 'execution')}, passed ${percent(arm.pass_share)} [${percent(low)}, ${percent(high)}], ${listed(arm.verdicts)}; $${((arm.mean_cost_micro_usd ?? 0) / 1_000_000).toFixed(4)}, ${seconds(arm.latency_ms.median)} (95th percentile ${seconds(arm.latency_ms.p95)}), turns with a tool ${percent(arm.tool_adoption)}`;
}

const fileOf = (flags: Flags, terminal: Terminal): string => resolve(terminal.directory, textOf(flags, 'file') ?? '');

export const trackExportSurface: CommandSurface<TrackExportInput, DataCard> = {
  shape: (flags, terminal) => ({
    file: fileOf(flags, terminal),
    // The operation's schema refuses other formats.
    format: textOf(flags, 'format') as TrackExportInput['format'],
    ...shapeTime(flags),
  }),
  show: (card) =>
    `${card.file}: ${countOf(card.points, 'point')} of ${countOf(card.tasks, 'task')}, ${card.bytes} bytes, SHA-256 ${card.sha256}\n${card.file}.card.md says what it holds\n`,
  exitCode: () => exitCodes.pass,
};

export const trackOutcomesSurface: CommandSurface<TrackOutcomesInput, TrackOutcomes> = {
  shape: (flags, terminal) => ({ file: fileOf(flags, terminal) }),
  show({ lines, taken, known, refused, learned, told }, terminal) {
    const head = `${countOf(lines, 'outcome')}: ${taken} taken, ${known} known already, ${refused} refused; router and registry learned ${learned}`;
    const rest = told.map(
      ({ line, admission, detail, skew_ms: skew }) =>
        `  line ${line}: ${admission}: ${showForeign(detail)}${skew === 0 ? '' : ` (clock off by ${skew} ms)`}`,
    );
    return `${[paint(terminal, refused === 0 ? 'green' : 'yellow', head), ...rest].join('\n')}\n`;
  },
  exitCode: ({ refused }) => (refused === 0 ? exitCodes.pass : exitCodes.fail),
};

export const trackReconcileSurface: CommandSurface<TrackReconcileInput, TrackReconcile> = {
  shape: (flags) => ({ mend: flags['mend'] === true }),
  show({ compared, folded, found, left, equal }, terminal) {
    const beside = folded === 0 ? '' : `; ${countOf(folded, 'decision')} of folded months cannot be compared`;
    const head = equal
      ? paint(
          terminal,
          'green',
          `${countOf(compared, 'outcome')} compared: tracker, router and registry agree${beside}`,
        )
      : paint(
          terminal,
          'red',
          `${countOf(compared, 'outcome')} compared: tracker, router and registry differ${beside}`,
        );
    if (left === null) return `${[head, ...showFound(found), ...(equal ? [] : [mendHint])].join('\n')}\n`;
    const rest = equal ? [] : ['still differ:', ...showFound(left)];
    return `${[head, 'found and mended:', ...showFound(found), ...rest].join('\n')}\n`;
  },
  exitCode: ({ equal }) => (equal ? exitCodes.pass : exitCodes.fail),
};

const mendHint = 'arbiter track reconcile --mend has router and registry learn what the data points say';

function showFound({ differences, memories, sums, histories }: TrackReconcile['found']): readonly string[] {
  const learned = (one: TrackReconcile['found']['differences'][number]['tracker']): string =>
    one === null ? 'nothing' : `reward ${one.reward}, ${one.cost_micro_usd} µ$, ${one.latency_ms} ms`;
  return [
    ...differences.map(
      ({ decision_id: id, agent, tracker, router, registry }) =>
        `  decision ${id}, ${showForeign(agent)}: tracker ${learned(tracker)}; router ${learned(router)}; registry ${learned(registry)}`,
    ),
    ...memories.map(({ scope, arm }) => `  memory of ${showForeign(arm)} at ${scope} is not what its outcomes teach`),
    ...sums.map(
      ({ arm, surface, complexity, kept, afresh }) =>
        `  sum of ${showForeign(arm)} at ${surface}/${complexity}: of ${countOf(kept, 'outcome')}, there are ${afresh}`,
    ),
    ...histories.map((key) => `  history ${showForeign(key)} is not what its outcomes give`),
  ];
}

export const trackTidySurface: CommandSurface<TrackTidyInput, TrackTidy> = {
  shape: (flags) => ({ keepMonths: numberOf(flags, 'keepMonths') ?? Number.NaN, yes: flags['yes'] === true }),
  show({ told, folded, done, sums }) {
    const months = folded.map(
      ({ month, points, sums: rows }) =>
        `  ${month}: ${countOf(points, 'point')}${rows === null ? '' : `, folded into ${countOf(rows, 'sum')}`}`,
    );
    const what =
      folded.length === 0 ? 'no month is old enough to fold' : done ? 'folded:' : 'with --yes would be folded:';
    return `${[`${countOf(told, 'task')} told that had been behind`, what, ...months, `${countOf(sums.length, 'sum')} of folded months`].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};
