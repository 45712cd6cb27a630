import { existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute } from 'node:path';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import { nothingSpent } from '../../../core/tasks/spend.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import { defaultPath } from '../../sandbox/bubblewrap-argv.js';
import type { AgentRoom } from '../agent-room.js';
import { firstOf, versionOf } from './find-installed.js';
import { knownProgram, knownPrograms } from './known-programs.js';
import { type LocatedProgram, locateProgram } from './locate-program.js';
import type { AcpFace, CliFace, KnownProgram, Launch, Surroundings } from './program.js';

/** An agent's program, found and ready to be started in a room. */
export interface ReadyProgram {
  readonly face: Partial<CliFace & AcpFace>;
  /** Files and folders of the host to be shown read-only. */
  readonly installs: readonly string[];
  /** What to run, once its files are written to the private HOME. */
  launchIn(room: AgentRoom, mode: 'plan' | 'work', prompt: string): ReadyLaunch;
  version(signal: AbortSignal): Promise<string>;
}

export interface ReadyLaunch extends Launch {
  /** What goes to its standard input; empty when the prompt comes another way. */
  readonly input: string;
}

const longestArgument = 100_000;
const usualContext = 128_000;
const genericPromptFile = '.arbiter-prompt.md';

/** What an `acp` or `cli` agent lacks on this machine, and how to get it; null when its program could be started. */
export function lacksProgram(agent: AgentProfile, path: string): string | null {
  const known = agent.program === null ? null : knownProgram(agent.program);
  if (agent.program !== null && known === null) {
    const names = knownPrograms.map(({ name }) => name).join(', ');
    return `'${agent.program}' is no program that is known (${names}); give its command line instead`;
  }
  return (known === null ? null : misfitOf(known, agent)) ?? missingOf(known, agent, path);
}

/** Finds the program of an agent. @throws AGENT_MISSING with what is missing and how to get it */
export function prepareProgram(agent: AgentProfile, path: string): ReadyProgram {
  const lacking = lacksProgram(agent, path);
  const known = agent.program === null ? null : knownProgram(agent.program);
  const located = lacking === null ? locate(known, agent, path) : null;
  if (located === null) {
    const said = `agent '${agent.name}' cannot be asked: ${lacking ?? 'no program'}`;
    const mend = 'install it or correct its profile, then see: arbiter agents list';
    throw new WorkFault<WorkerFaultCode>('AGENT_MISSING', said, { mend, spend: nothingSpent });
  }
  const face = faceOf(known, agent);
  const words = agent.command.slice(1).filter((word) => isAbsolute(word) && existsSync(word));
  return {
    face: face ?? {},
    installs: [...new Set([...located.shown, ...words.flatMap((word) => shownFor(word, path))])],
    launchIn: (room, mode, prompt) => {
      const around = surroundingsOf(agent, room, mode);
      const launch =
        face === null
          ? launchGeneric(agent, around, prompt, located)
          : launchKnown(face, agent, around, prompt, located);
      const env = { PATH: [...located.pathFolders, defaultPath()].join(delimiter), ...launch.env };
      return { ...launch, env };
    },
    version: (signal) => (known === null ? Promise.resolve('unknown') : versionOf(located, signal)),
  };
}

function faceOf(known: KnownProgram | null, agent: AgentProfile): CliFace | AcpFace | null {
  return agent.kind === 'acp' ? (known?.acp ?? null) : (known?.cli ?? null);
}

function misfitOf(known: KnownProgram, agent: AgentProfile): string | null {
  if (faceOf(known, agent) === null) return `${known.name} cannot be driven as '${agent.kind}'`;
  if (agent.endpoint === null) return `it has no endpoint for the calls of ${known.name} to its model`;
  if (agent.model === null) return `no model is named for ${known.name}`;
  if (known.speaks.includes(agent.endpoint.protocol)) return null;
  return `${known.name} speaks ${known.speaks.join(', ')}, and its endpoint ${agent.endpoint.protocol}`;
}

function missingOf(known: KnownProgram | null, agent: AgentProfile, path: string): string | null {
  if (known === null && agent.command.length === 0) return 'it has neither a known program nor a command line';
  if (locate(known, agent, path) !== null) return null;
  const names = agent.command[0] ?? faceOf(known, agent)?.executables.join(' or ') ?? '';
  return `${names} is not in the folders of PATH that are trusted (absolute, and outside of the repository)`;
}

function locate(known: KnownProgram | null, agent: AgentProfile, path: string): LocatedProgram | null {
  const [named] = agent.command;
  if (named !== undefined) return locateProgram(named, path);
  return firstOf(faceOf(known, agent)?.executables ?? [], path);
}

function shownFor(word: string, path: string): readonly string[] {
  return statSync(word).isDirectory() ? [word] : (locateProgram(word, path)?.shown ?? [word]);
}

function surroundingsOf(agent: AgentProfile, room: AgentRoom, mode: 'plan' | 'work'): Surroundings {
  return {
    protocol: agent.endpoint?.protocol ?? 'openai-chat',
    baseUrl: room.baseUrl ?? '',
    token: room.token,
    model: agent.model ?? '',
    home: room.home,
    folder: room.folder,
    mode,
    contextTokens: agent.limits.context_tokens ?? usualContext,
  };
}

/** The words after the first of the profile's command follow the program's own arguments. */
function launchKnown(
  face: CliFace | AcpFace,
  agent: AgentProfile,
  around: Surroundings,
  prompt: string,
  located: LocatedProgram,
): ReadyLaunch {
  const launch = face.launch(around);
  const promptFile = 'promptFile' in face ? face.promptFile : undefined;
  return {
    argv: [...located.argv, ...launch.argv, ...agent.command.slice(1)],
    env: launch.env,
    files: promptFile === undefined ? launch.files : { ...launch.files, [promptFile]: prompt },
    input: promptFile === undefined ? prompt : '',
  };
}

/** A program by its command line alone; the prompt comes on standard input unless the line names a place for it. */
function launchGeneric(
  agent: AgentProfile,
  around: Surroundings,
  prompt: string,
  located: LocatedProgram,
): ReadyLaunch {
  const words = agent.command.slice(1);
  const takes = (place: string): boolean => words.some((word) => word.includes(place));
  if (takes('{prompt}') && Buffer.byteLength(prompt) > longestArgument) {
    throw new WorkFault<WorkerFaultCode>('AGENT_FAILED', `the prompt is too long for an argument of '${agent.name}'`, {
      mend: 'let it read its prompt from {promptFile}, or from standard input (without {prompt})',
      spend: nothingSpent,
    });
  }
  const places: Readonly<Record<string, string>> = {
    '{prompt}': prompt,
    '{promptFile}': `${around.home}/${genericPromptFile}`,
    '{model}': around.model,
    '{baseUrl}': around.baseUrl,
    '{token}': around.token,
  };
  const filled = words.map((word) => word.replaceAll(/\{\w+\}/g, (place) => places[place] ?? place));
  const env = {
    ARBITER_MODEL: around.model,
    ARBITER_BASE_URL: around.baseUrl,
    ARBITER_TOKEN: around.token,
    ARBITER_MODE: around.mode,
  };
  return {
    argv: [...located.argv, ...filled],
    env,
    files: takes('{promptFile}') ? { [genericPromptFile]: prompt } : {},
    input: takes('{prompt}') || takes('{promptFile}') ? '' : prompt,
  };
}
