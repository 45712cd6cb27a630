import { type JsonRecord, recordIn, recordsIn, textIn } from '../json-blocks.js';
import type { Logbook } from '../logbook.js';
import { type ToolCalls, writesFiles } from './tool-calls.js';

/** Tells what a `session/update` says; kinds that are not known are passed over, as the protocol asks. */
export type TellUpdate = (update: JsonRecord) => void;

/** Reads the updates of one session in their order. */
export function openUpdates(logbook: Logbook, calls: ToolCalls): TellUpdate {
  let isTalking = false;
  const told = new Set<string>();
  const tellCall = (update: JsonRecord): void => {
    const call = calls.merge(update);
    const lines = writesFiles(call) ? call.paths : [];
    for (const path of lines) {
      if (told.has(`${call.id} ${path}`)) continue;
      told.add(`${call.id} ${path}`);
      logbook.note({ kind: 'file', text: path });
    }
    if (lines.length === 0 && update['sessionUpdate'] === 'tool_call') logbook.note({ kind: 'tool', text: call.title });
    if (update['status'] === 'failed') logbook.note({ kind: 'tool', text: `failed: ${call.title}` });
  };
  return (update) => {
    switch (update['sessionUpdate']) {
      case 'agent_message_chunk': {
        const text = textIn(recordIn(update, 'content') ?? {}, 'text');
        logbook.say(text, isTalking ? 'next' : 'first');
        isTalking = true;
        return;
      }
      case 'tool_call':
      case 'tool_call_update':
        isTalking = false;
        tellCall(update);
        return;
      case 'plan': {
        const steps = recordsIn(update, 'entries').map((entry) => textIn(entry, 'content'));
        logbook.note({ kind: 'tool', text: `plan: ${steps.join('; ')}` });
        return;
      }
      default:
    }
  };
}
