import { type ReadTextFileRequest, RequestError, type WriteTextFileRequest } from '@agentclientprotocol/sdk';
import type { AgentRoom } from '../agent-room.js';
import type { Logbook } from '../logbook.js';
import { placeInClone, refusalOf } from './place-in-clone.js';

/** Carries out `fs/read_text_file` inside the room. Rejects with a JSON-RPC error that the agent is told. */
export async function readTextFile(room: AgentRoom, asked: ReadTextFileRequest): Promise<{ content: string }> {
  const place = placeInClone(room.folder, asked.path);
  if (place === null) throw RequestError.invalidParams({ path: asked.path }, 'the path is outside of the clone');
  const bytes = await told(() => room.readFile(place));
  if (bytes === null) throw RequestError.resourceNotFound(asked.path);
  const content = Buffer.from(bytes).toString('utf8');
  if (asked.line == null && asked.limit == null) return { content };
  const from = Math.max(0, (asked.line ?? 1) - 1);
  const lines = content.split('\n');
  return { content: lines.slice(from, asked.limit == null ? undefined : from + asked.limit).join('\n') };
}

/**
 * Carries out `fs/write_text_file` inside the room. What the scope does not allow is refused at this very moment, told as
 * news and to the agent.
 */
export async function writeTextFile(
  room: AgentRoom,
  logbook: Logbook,
  asked: WriteTextFileRequest,
): Promise<Record<string, never>> {
  const refused = refusalOf(room, asked.path);
  if (refused !== null) {
    logbook.note({ kind: 'refused', text: `${asked.path} may not be written: ${refused}` });
    throw RequestError.invalidParams({ path: asked.path }, `this path may not be written: ${refused}`);
  }
  const place = placeInClone(room.folder, asked.path) ?? '';
  await told(() => room.writeFile(place, Buffer.from(asked.content)));
  logbook.note({ kind: 'file', text: place });
  return {};
}

/** A fault of the room becomes an error that the agent can read and go on from. */
async function told<T>(carryOut: () => Promise<T>): Promise<T> {
  try {
    return await carryOut();
  } catch (error) {
    throw RequestError.internalError(undefined, error instanceof Error ? error.message : String(error));
  }
}
