import { pieces } from './openai-chat.js';
import { joinParts, recordOf, recordsOf, textOf } from './read-json.js';
import type { Conversation, SpokenTurn, StreamEvent, Turn, Wire } from './script.js';

/** Anthropic messages, as Claude Code speaks them. */
export const anthropic: Wire = {
  read(body): Conversation {
    const messages = recordsOf(body['messages']);
    const parts = messages.flatMap(({ content }) => recordsOf(content));
    const results = parts.filter(({ type }) => type === 'tool_result');
    return {
      protocol: 'anthropic',
      model: textOf(body['model']),
      stream: body['stream'] === true,
      tools: recordsOf(body['tools']).map((tool) => ({
        name: textOf(tool['name']),
        schema: recordOf(tool['input_schema']),
      })),
      text: [joinParts(body['system']), ...messages.map(({ content }) => joinParts(content))].join('\n'),
      turn: results.length,
      lastResult: joinParts(results.at(-1)?.['content']),
    };
  },
  speak(turn: Turn, { model }): SpokenTurn {
    const blocks = blocksOf(turn);
    const reason = turn.call === null ? 'end_turn' : 'tool_use';
    const usage = { input_tokens: turn.usage.input, output_tokens: turn.usage.output };
    const base = { id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null };
    const opened = { ...base, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
    return {
      whole: { ...base, content: blocks, stop_reason: reason, usage },
      events: [
        event('message_start', { message: opened }),
        ...blocks.flatMap((block, index) => eventsOfBlock(block, index)),
        event('message_delta', {
          delta: { stop_reason: reason, stop_sequence: null },
          usage: { output_tokens: turn.usage.output },
        }),
        event('message_stop', {}),
      ],
    };
  },
};

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

function blocksOf(turn: Turn): readonly Block[] {
  const blocks: Block[] = [];
  if (turn.say !== null && turn.say !== '') blocks.push({ type: 'text', text: turn.say });
  if (turn.call !== null) {
    blocks.push({ type: 'tool_use', id: `toolu_${turn.call.id}`, name: turn.call.name, input: turn.call.args });
  }
  return blocks;
}

function eventsOfBlock(block: Block, index: number): readonly StreamEvent[] {
  const deltas =
    block.type === 'text'
      ? pieces(block.text).map((text) => ({ type: 'text_delta', text }))
      : [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }];
  const opened = block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} };
  return [
    event('content_block_start', { index, content_block: opened }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}

function event(type: string, rest: object): StreamEvent {
  return { name: type, data: { type, ...rest } };
}
