import type { PermissionOption, RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import type { AgentRoom } from '../agent-room.js';
import type { Logbook } from '../logbook.js';
import { refusalOf } from './place-in-clone.js';
import { type ToolCalls, writesFiles } from './tool-calls.js';

/**
 * Answers `session/request_permission` from the assignment's scope: an edit is allowed once when each path that it names
 * may be written, and refused when one may not or when it names none; anything else is allowed once, for the sandbox
 * holds it. Nothing is ever allowed for good.
 */
export function answerPermission(
  room: AgentRoom,
  logbook: Logbook,
  calls: ToolCalls,
  asked: RequestPermissionRequest,
): RequestPermissionResponse {
  const call = calls.merge(asked.toolCall);
  const why = writesFiles(call) ? refusalOfPaths(room, call.paths) : null;
  if (why !== null) logbook.note({ kind: 'refused', text: `${call.title || 'an edit'}: ${why}` });
  return choose(asked.options, why === null ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always']);
}

function refusalOfPaths(room: AgentRoom, paths: readonly string[]): string | null {
  if (paths.length === 0) return 'it does not say which files it writes';
  for (const path of paths) {
    const why = refusalOf(room, path);
    if (why !== null) return `${path} may not be written: ${why}`;
  }
  return null;
}

function choose(options: readonly PermissionOption[], kinds: readonly string[]): RequestPermissionResponse {
  for (const kind of kinds) {
    const option = options.find((one) => one.kind === kind);
    if (option !== undefined) return { outcome: { outcome: 'selected', optionId: option.optionId } };
  }
  return { outcome: { outcome: 'cancelled' } };
}
