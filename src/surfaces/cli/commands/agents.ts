import { resolve } from 'node:path';
import type { AgentCheck } from '../../../app/agents/check-agent.js';
import type { AgentAdd } from '../../../app/agents/compose-profile.js';
import type { AgentList } from '../../../app/agents/operations.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import { showMoney } from '../../../core/tasks/explain-event.js';
import { exitCodes } from '../exit-codes.js';
import { showQuarantined } from './agent-life.js';
import { paint, showForeign } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { type CommandSurface, type Flags, definedOnly, numberOf, textOf, textsOf } from './command-surface.js';

const nameOf = (flags: Flags): string => textOf(flags, 'name') ?? '';

/** Words of a flag that may be given several times; undefined where it was not given. */
function saidOf(flags: Flags, flag: string): string[] | undefined {
  const words = textsOf(flags, flag);
  return words.length === 0 ? undefined : words;
}

function showProfile(profile: AgentProfile, lacks: string | null, terminal: Terminal): string {
  const what = profile.file ?? profile.model ?? profile.program ?? profile.command[0] ?? '';
  const state = lacks === null ? paint(terminal, 'green', 'ready') : paint(terminal, 'yellow', showForeign(lacks));
  return `${paint(terminal, 'bold', profile.name.padEnd(14))} ${profile.kind.padEnd(7)} ${showForeign(what).padEnd(24)} ${state}`;
}

export const agentsListSurface: CommandSurface<{ find: boolean }, AgentList> = {
  shape: () => ({ find: true }),
  show({ agents, found, quarantined }, terminal) {
    const lines = agents.map(({ profile, status, lacks }) =>
      showProfile(
        profile,
        status === 'available' ? lacks : [`is ${status}`, lacks].filter(Boolean).join(', '),
        terminal,
      ),
    );
    const more = found.map(
      ({ program, kind, version, path }) =>
        `  arbiter agents add ${program} --kind ${kind}   ${paint(terminal, 'dim', `${version} at ${path}`)}`,
    );
    const none = ['no agents yet: arbiter agents add NAME'];
    return `${[
      ...(agents.length === 0 ? none : lines),
      ...(found.length === 0 ? [] : ['', 'found on PATH:', ...more]),
      ...showQuarantined(quarantined, terminal),
    ].join('\n')}\n`;
  },
  exitCode: () => exitCodes.pass,
};

export const agentsAddSurface: CommandSurface<
  AgentAdd,
  { profile: AgentProfile; lacks: string | null; replaced: boolean }
> = {
  shape: (flags, terminal) => {
    const file = textOf(flags, 'file');
    return {
      name: nameOf(flags),
      ...definedOnly({
        // The operation's own schema says which kinds and protocols there are.
        kind: textOf(flags, 'kind') as AgentAdd['kind'],
        protocol: textOf(flags, 'protocol') as AgentAdd['protocol'],
        program: textOf(flags, 'program'),
        command: saidOf(flags, 'command'),
        model: textOf(flags, 'model'),
        endpoint: textOf(flags, 'endpoint'),
        keyEnv: textOf(flags, 'keyEnv'),
        priceIn: numberOf(flags, 'priceIn'),
        priceOut: numberOf(flags, 'priceOut'),
        file: file === undefined ? undefined : resolve(terminal.directory, file),
        concurrency: numberOf(flags, 'concurrency'),
        perMinute: numberOf(flags, 'perMinute'),
        contextTokens: numberOf(flags, 'contextTokens'),
        profileVersion: textOf(flags, 'profileVersion'),
        family: textOf(flags, 'family'),
        taskTypes: saidOf(flags, 'taskType'),
        languages: saidOf(flags, 'language'),
        specialisations: saidOf(flags, 'specialisation'),
        residency: saidOf(flags, 'residency'),
      }),
    };
  },
  show: ({ profile, lacks, replaced }, terminal) =>
    `${[
      `${replaced ? 'replaced' : 'added'}: ${showProfile(profile, lacks, terminal)}`,
      `  arbiter agents check ${profile.name}   asks it for one trivial edit`,
    ].join('\n')}\n`,
  exitCode: () => exitCodes.pass,
};

export const agentsRemoveSurface: CommandSurface<{ name: string }, { name: string }> = {
  shape: (flags) => ({ name: nameOf(flags) }),
  show: ({ name }) => `removed ${name}\n`,
  exitCode: () => exitCodes.pass,
};

export const agentsCheckSurface: CommandSurface<{ name: string; maxMinutes: number }, AgentCheck> = {
  shape: (flags) => ({ name: nameOf(flags), maxMinutes: numberOf(flags, 'maxMinutes') ?? 3 }),
  show(check, terminal) {
    const { spend } = check;
    const headline = check.works ? paint(terminal, 'green', 'works') : paint(terminal, 'red', 'does not work');
    return `${[
      `${check.name} ${headline}: ${showForeign(check.saw)}`,
      ...(check.mend === null ? [] : [`  ${showForeign(check.mend)}`]),
      ...check.freed.map((key) => `  may be asked again: breaker ${showForeign(key)} was open, and is closed`),
      ...(check.version === null
        ? []
        : [`  version ${showForeign(check.version)}, model ${showForeign(check.model ?? '')}`]),
      `  spent ${showMoney(spend.micro_usd)}, ${spend.input_tokens + spend.output_tokens} tokens, ${(spend.wall_ms / 1000).toFixed(1)} s`,
    ].join('\n')}\n`;
  },
  exitCode: ({ works }) => (works ? exitCodes.pass : exitCodes.fail),
};
