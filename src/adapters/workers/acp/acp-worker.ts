import { setTimeout as pause } from 'node:timers/promises';
import { type ClientApp, type ClientContext, client, methods } from '@agentclientprotocol/sdk';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Worker, WorkerFaultCode } from '../../../ports/worker.js';
import type { AgentParts, AgentRoom } from '../agent-room.js';
import { cleanText, lastLines } from '../clean-text.js';
import { giveUpOnKey } from '../give-up.js';
import { type RunOutcome, faultOfRun, settleCalls, visitRoom } from '../hand-in.js';
import { recordIn } from '../json-blocks.js';
import { type Logbook, openLogbook } from '../logbook.js';
import { type ReadyProgram, prepareProgram } from '../programs/prepare-program.js';
import { type Question, createProgramWorker } from '../question.js';
import type { LiveRun } from '../room/room.js';
import { answerPermission } from './answer-permission.js';
import { ConversationFault, openSession, promptAgent } from './converse.js';
import { openMessageStream } from './message-stream.js';
import { readTextFile, writeTextFile } from './serve-files.js';
import { openUpdates } from './tell-update.js';
import { Terminals } from './terminals.js';
import { type ToolCalls, openToolCalls } from './tool-calls.js';

/** Between the word that the work is cancelled and the end of everything in the room. */
const farewellMs = 500;

/**
 * A worker that talks to an agent by the Agent Client Protocol. Its files and commands are carried out inside the room, and
 * its questions answered from the assignment's scope. @see https://agentclientprotocol.com
 */
export function createAcpWorker(parts: AgentParts): Worker {
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
  const packaged = await program.version(signal);
  const end = new AbortController();
  const leave = (): void => void setTimeout(() => end.abort(), farewellMs).unref();
  if (signal.aborted) end.abort();
  else signal.addEventListener('abort', leave, { once: true });
  try {
    const visit = { assignment, mode, installs: program.installs, signal: end.signal };
    return await visitRoom(enterRoom, visit, async (room) => {
      const identity = { agent: agent.name, version: packaged, model: agent.model ?? 'unknown' };
      const opening = { worker: identity, mode, prompt: { id: prompt.id, sha256: prompt.sha256 } };
      const logbook = openLogbook(room, tell, opening);
      const said = await runProgram(program, room, logbook, question, end);
      const version = packaged === 'unknown' ? (said ?? packaged) : packaged;
      return handIn({ room, assignment, logbook, worker: { ...identity, version } });
    });
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** Starts the agent, asks it, and ends it: some hang when they are done. Answers the version that it says it is. */
async function runProgram(
  program: ReadyProgram,
  room: AgentRoom,
  logbook: Logbook,
  { assignment, mode, signal }: Question,
  end: AbortController,
): Promise<string | null> {
  const launch = program.launchIn(room, mode, '');
  for (const [path, text] of Object.entries(launch.files)) await room.writeHome(path, text);
  const live = await room.start({ argv: launch.argv, env: launch.env, maxOutputBytes: Number.MAX_SAFE_INTEGER });
  const terminals = new Terminals(room, logbook);
  const endWatch = giveUpOnKey(room, live);
  const calls = openToolCalls();
  const tellUpdate = openUpdates(logbook, calls);
  const stream = openMessageStream(live, (method, params) => {
    const update = method === methods.client.session.update ? recordIn(params, 'update') : null;
    if (update !== null) tellUpdate(update);
  });
  try {
    const talk = clientOf(room, logbook, calls, terminals).connectWith(stream, (agent) =>
      converse(agent, room, program, assignment.prompt.text, signal),
    );
    return await Promise.race([talk, deathOf(live)]);
  } catch (error) {
    if (signal.aborted) end.abort();
    throw explain(await causeOf(error, live), room, live, { name: assignment.agent.name, strays: stream.strays() });
  } finally {
    endWatch();
    live.kill();
    await terminals.close();
    await live.ended.catch(() => undefined);
    await settleCalls();
    logbook.flush();
  }
}

async function converse(
  agent: ClientContext,
  room: AgentRoom,
  { face }: ReadyProgram,
  text: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { sessionId, version } = await openSession(agent, room.folder, face);
  const cancel = (): void => void agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    const stopReason = await promptAgent(agent, sessionId, text);
    if (signal.aborted || stopReason === 'cancelled') throw new ConversationFault('its turn was cancelled');
    if (stopReason === 'refusal') throw new ConversationFault('it refused to go on');
    return version;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Answers what the agent asks of us. */
function clientOf(room: AgentRoom, logbook: Logbook, calls: ToolCalls, terminals: Terminals): ClientApp {
  const { session, fs, terminal } = methods.client;
  return client({ name: 'arbiter' })
    .onRequest(session.requestPermission, ({ params }) => answerPermission(room, logbook, calls, params))
    .onRequest(fs.readTextFile, ({ params }) => readTextFile(room, params))
    .onRequest(fs.writeTextFile, ({ params }) => writeTextFile(room, logbook, params))
    .onRequest(terminal.create, ({ params }) => terminals.create(params))
    .onRequest(terminal.output, ({ params }) => terminals.output(params.terminalId))
    .onRequest(terminal.waitForExit, ({ params }) => terminals.waitForExit(params.terminalId))
    .onRequest(terminal.kill, ({ params }) => terminals.kill(params.terminalId))
    .onRequest(terminal.release, ({ params }) => terminals.release(params.terminalId));
}

/** Rejects when the agent's program ends, which it never should before it is told. */
async function deathOf(live: LiveRun): Promise<never> {
  const { exit, ended } = await live.ended;
  throw new ConversationFault(
    ended === 'exited' ? `it ended by itself with ${exit ?? 'no code'}` : `it was stopped (${ended})`,
  );
}

/** When a program dies its connection breaks first: its death is what there is to tell. */
async function causeOf(error: unknown, live: LiveRun): Promise<unknown> {
  if (error instanceof ConversationFault || error instanceof WorkFault) return error;
  const death = deathOf(live).catch((fault: unknown) => fault);
  return Promise.race([death, pause(farewellMs).then(() => error)]);
}

function explain(
  error: unknown,
  room: AgentRoom,
  live: LiveRun,
  { name, strays }: { readonly name: string; readonly strays: number },
): Error {
  if (error instanceof WorkFault) return error;
  const secrets = [room.token];
  const complained = lastLines(live.stderr(), secrets);
  const said = cleanText(error instanceof Error ? error.message : String(error), { secrets, cap: 1000 });
  const message = [
    `${name} failed: ${said}`,
    ...(strays === 0 ? [] : [`${strays} lines of its output were no messages`]),
    ...(complained === '' ? [] : [`its last words: ${complained}`]),
  ].join('; ');
  const known = room.whyStopped();
  if (known !== null) return known;
  if (error instanceof ConversationFault && error.isAboutKey) {
    return new WorkFault<WorkerFaultCode>('AGENT_REFUSED_KEY', message, {
      mend: 'see that the agent can be used with a key alone, and that its key is good',
      spend: room.meter.spend(),
      cause: error,
    });
  }
  return faultOfRun(
    room,
    message,
    'see what the agent says; arbiter agents check tells whether it works at all',
    error,
  );
}
