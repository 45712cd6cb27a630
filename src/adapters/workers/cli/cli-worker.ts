import type { Worker } from '../../../ports/worker.js';
import type { AgentParts, AgentRoom } from '../agent-room.js';
import { lastLines } from '../clean-text.js';
import { giveUpOnKey } from '../give-up.js';
import { type RunOutcome, faultOfRun, settleCalls, visitRoom } from '../hand-in.js';
import { type Logbook, openLogbook } from '../logbook.js';
import { type ReadyProgram, prepareProgram } from '../programs/prepare-program.js';
import { type Question, createProgramWorker } from '../question.js';
import type { LiveRun } from '../room/room.js';
import { listen } from './listen.js';

/**
 * A worker that runs a command-line agent once for each plan and each work: prompt in, lines of JSON out. An exit code of
 * 0 means nothing by itself; what was edited is measured. @see docs design workers.md
 */
export function createCliWorker(parts: AgentParts): Worker {
  return createProgramWorker((question, handIn) => ask(parts, question, handIn));
}

async function ask<T>(
  { enterRoom, path }: AgentParts,
  question: Question,
  handIn: (outcome: RunOutcome) => T | Promise<T>,
): Promise<T> {
  const { assignment, mode, tell, signal } = question;
  const { agent, prompt } = assignment;
  const program = prepareProgram(agent, path);
  const version = await program.version(signal);
  const worker = { agent: agent.name, version, model: agent.model ?? 'unknown' };
  return visitRoom(enterRoom, { assignment, mode, installs: program.installs, signal }, async (room) => {
    const logbook = openLogbook(room, tell, { worker, mode, prompt: { id: prompt.id, sha256: prompt.sha256 } });
    await runProgram(program, room, logbook, question);
    return handIn({ room, assignment, logbook, worker });
  });
}

/** Runs the program to its end. @throws AGENT_FAILED, AGENT_CANCELLED, BOUND_REACHED, AGENT_REFUSED_KEY, ENDPOINT_BUSY, ENDPOINT_DOWN */
async function runProgram(
  program: ReadyProgram,
  room: AgentRoom,
  logbook: Logbook,
  { assignment, mode }: Question,
): Promise<void> {
  const launch = program.launchIn(room, mode, assignment.prompt.text);
  for (const [path, text] of Object.entries(launch.files)) await room.writeHome(path, text);
  const { maxOutputBytes } = program.face;
  const live = await room.start({
    argv: launch.argv,
    env: launch.env,
    ...(maxOutputBytes === undefined ? {} : { maxOutputBytes }),
  });
  const endWatch = giveUpOnKey(room, live);
  try {
    // At once: a program may speak before it has read all that it is given.
    const [failed] = await Promise.all([listen(live, program.face, logbook), feed(live, launch.input)]);
    const { exit, ended } = await live.ended;
    await settleCalls();
    logbook.flush();
    if (ended === 'exited' && exit === 0 && failed === null) return;
    const why =
      failed ?? (lastLines(live.stderr(), [room.token]) || logbook.lastWords().slice(-300) || 'it said nothing');
    const how = ended === 'exited' ? `ended with ${exit ?? 'no code'}` : `was stopped (${ended})`;
    throw faultOfRun(
      room,
      `${assignment.agent.name} ${how}: ${lastLines(why, [room.token])}`,
      'see what the agent says above; arbiter agents check tells whether it works at all',
    );
  } finally {
    endWatch();
    live.kill();
  }
}

async function feed(live: LiveRun, input: string): Promise<void> {
  await live.write(Buffer.from(input));
  live.endInput();
}
