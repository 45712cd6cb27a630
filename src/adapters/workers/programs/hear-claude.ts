import { type JsonRecord, recordIn, recordsIn, textIn } from '../json-blocks.js';
import type { Heard } from './program.js';
import { tellTool } from './tell-tool.js';

/** Lines of `--output-format stream-json` as Claude Code and Qwen Code write them. */
export function hearClaude(event: JsonRecord): Heard {
  if (event['type'] === 'assistant') return hearAssistant(recordsIn(recordIn(event, 'message') ?? {}, 'content'));
  if (event['type'] !== 'result') return {};
  const result = textIn(event, 'result');
  if (event['is_error'] !== true && textIn(event, 'subtype') === 'success') return { recovered: true };
  const error = recordIn(event, 'error');
  return { failed: result || (error === null ? '' : textIn(error, 'message')) || textIn(event, 'subtype') || 'error' };
}

function hearAssistant(parts: readonly JsonRecord[]): Heard {
  const said = parts.map((part) => (part['type'] === 'text' ? textIn(part, 'text') : '')).join('');
  const tools = parts
    .filter((part) => part['type'] === 'tool_use')
    .flatMap((part) => tellTool(textIn(part, 'name'), recordIn(part, 'input') ?? {}));
  return { news: tools, ...(said === '' ? {} : { said }) };
}
