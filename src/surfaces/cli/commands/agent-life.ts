import { resolve } from 'node:path';
import type { AgentChanged, AgentSwap, AgentSwapped } from '../../../app/registry/change-operations.js';
import type { AgentsExported } from '../../../app/registry/export-agents.js';
import type { AgentsImported } from '../../../app/registry/import-agents.js';
import type { AgentQuarantine } from '../../../app/registry/quarantine.js';
import type { AgentShown } from '../../../app/registry/show-agent.js';
import type { QuarantinedRow } from '../../../core/registry/registry-rows.js';
import { showMoney } from '../../../core/tasks/explain-event.js';
import { exitCodes } from '../exit-codes.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf, textsOf } from './command-surface.js';

const nameOf = (flags: Flags): string => textOf(flags, 'name') ?? '';
const share = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);
const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1000).toFixed(1)} s`);

/** Rows that were set aside, a line each, with what to do. */
export function showQuarantined(rows: readonly QuarantinedRow[], terminal: Terminal): string[] {
  return rows.flatMap(({ table, key, problem, mend }) => [
    `${paint(terminal, 'yellow', 'set aside')}: ${table} ${showForeign(key)}: ${showForeign(problem)}`,
    `  ${showForeign(mend)}`,
  ]);
}

export const agentsShowSurface: CommandSurface<{ name: string }, AgentShown> = {
  shape: (flags) => ({ name: nameOf(flags) }),
  show(shown, terminal) {
    const { profile, status, load, health } = shown;
    const heard = health.heard_ms === 0 ? 'never heard of' : `heard of ${new Date(health.heard_ms).toISOString()}`;
    const owes = health.probation > 0 ? `, on probation for ${health.probation} more passes` : '';
    return `${[
      `${paint(terminal, 'bold', profile.name)} version ${profile.version}: ${status}, ${heard}${owes}`,
      `  ${load.running} of ${profile.limits.concurrency} running, ${load.waiting} waiting`,
      ...showCapabilities(shown),
      ...shown.versions.flatMap((version) => showVersion(version)),
      ...showLearned(shown),
      ...shown.breakers.map(showBreaker),
      ...showQuarantined(shown.quarantined, terminal),
    ].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

/** How a breaker stands, why and until when, and how many faults of each class it has seen. */
function showBreaker({ key, state, breaker }: AgentShown['breakers'][number]): string {
  const { because, open_until_ms: until, faults } = breaker;
  const why = because === null ? '' : ` because of ${because}`;
  const when = state === 'open' && until !== null ? ` until ${new Date(until).toISOString()}` : '';
  const counts = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  return `breaker ${showForeign(key)}: ${state}${why}${when}; faults so far: ${counts.length === 0 ? 'none' : counts.join(', ')}`;
}

function showCapabilities({ profile }: AgentShown): string[] {
  const { task_types, languages, specialisations } = profile.capabilities;
  const said = { does: task_types, writes: languages, 'good at': specialisations, runs: profile.residency };
  return Object.entries(said)
    .filter(([, words]) => words.length > 0)
    .map(([what, words]) => `  ${what} ${words.join(', ')}`);
}

const standings: Readonly<Record<AgentShown['versions'][number]['standing'], string>> = {
  'in-use': ' (in use)',
  beside: ' (beside the one in use)',
  retired: ' (retired)',
  before: '',
};

function showVersion(shown: AgentShown['versions'][number]): string[] {
  const { version, standing, parent, discount, performance, rollout } = shown;
  const from = parent === null ? '' : `, from ${parent} at ${discount}`;
  return [
    `version ${version}${standings[standing]}${from}${rollout === null ? '' : `, ${showRolloutOf(rollout)}`}`,
    ...performance.map(
      (one) =>
        `  ${one.surface}/${one.complexity}: passed ${share(one.success)} of ${one.n} (evidence ${one.evidence.toFixed(1)}), ` +
        `${one.cost_micro_usd === null ? '-' : showMoney(Math.round(one.cost_micro_usd))} a task, ` +
        `${seconds(one.latency_p50_ms)} median, ${seconds(one.latency_p90_ms)} p90`,
    ),
  ];
}

function showRolloutOf({
  id,
  side,
  state,
  stage,
  percent,
  cause,
}: NonNullable<AgentShown['versions'][number]['rollout']>): string {
  const how = state === 'running' ? `${stage}, ${percent} % of tasks` : `${state}: ${cause ?? ''}`;
  return `${side} of rollout ${id} (${how})`;
}

function showLearned({ learned }: AgentShown): string[] {
  return learned.map(
    ({ tag, n, passed, expected, low, high, verdict, peers }) =>
      `learned ${tag}: ${verdict}, ${passed} of ${n} passed (${share(low)} to ${share(high)}), expected ${share(expected)}` +
      (peers > 0 ? ` by ${peers} outcomes of others` : ' by its own without it'),
  );
}

export const agentChangedSurface: CommandSurface<{ name: string }, AgentChanged> = {
  shape: (flags) => ({ name: nameOf(flags) }),
  show: ({ profile, before, running }) =>
    `${profile.name} is ${profile.status} (was ${before})${running > 0 ? `; it works on ${running} still` : ''}\n`,
  exitCode: () => exitCodes.pass,
};

export const agentsSwapSurface: CommandSurface<AgentSwap, AgentSwapped> = {
  shape: (flags, terminal) => {
    const file = textOf(flags, 'file');
    const command = textsOf(flags, 'command');
    return {
      name: nameOf(flags),
      profileVersion: textOf(flags, 'profileVersion') ?? '',
      discount: numberOf(flags, 'discount') ?? 0.5,
      ...definedOnly({
        model: textOf(flags, 'model'),
        file: file === undefined ? undefined : resolve(terminal.directory, file),
        command: command.length === 0 ? undefined : command,
      }),
    };
  },
  show: ({ name, from, record }) =>
    `${name} is at version ${record.version} (was ${from})\n${Object.entries(record.inherited)
      .map(([kind, one]) => `  ${kind}: starts from ${share(one.success)}, worth ${one.evidence.toFixed(1)} outcomes\n`)
      .join('')}`,
  exitCode: () => exitCodes.pass,
};

export const agentsQuarantineSurface: CommandSurface<{ mend: boolean }, AgentQuarantine> = {
  shape: (flags) => ({ mend: flags['mend'] === true }),
  show: ({ mended, quarantined }, terminal) =>
    `${[
      ...mended.map((key) => `rebuilt from its outcomes: ${showForeign(key)}`),
      ...(quarantined.length === 0 ? ['every row can be read'] : showQuarantined(quarantined, terminal)),
    ].join('\n')}\n`,
  exitCode: ({ quarantined }) => (quarantined.length === 0 ? exitCodes.pass : exitCodes.fail),
};

export const agentsExportSurface: CommandSurface<{ file: string }, AgentsExported> = {
  shape: (flags, terminal) => ({ file: resolve(terminal.directory, textOf(flags, 'file') ?? '') }),
  show: ({ file, agents, versions, outcomes }) =>
    `wrote ${agents} agents, ${versions} versions and ${outcomes} outcomes to ${file}\n`,
  exitCode: () => exitCodes.pass,
};

export const agentsImportSurface: CommandSurface<{ file: string; replace: boolean }, AgentsImported> = {
  shape: (flags, terminal) => ({
    file: resolve(terminal.directory, textOf(flags, 'file') ?? ''),
    replace: flags['replace'] === true,
  }),
  show: ({ agents, kept, versions, outcomes, known, refused }) =>
    `${[
      `took in ${agents} agents, ${versions} versions and ${outcomes} outcomes (${known} were known)`,
      ...(kept.length === 0 ? [] : [`stayed as they are: ${kept.join(', ')} (--replace takes the file’s)`]),
      ...refused.map(({ line, problem }) => `line ${line} was refused: ${showForeign(problem)}`),
    ].join('\n')}\n`,
  exitCode: ({ refused }) => (refused.length === 0 ? exitCodes.pass : exitCodes.fail),
};
