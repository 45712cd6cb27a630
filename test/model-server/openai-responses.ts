import { pieces } from './openai-chat.js';
import { joinParts, recordOf, recordsOf, textOf } from './read-json.js';
import type { Conversation, SpokenTurn, StreamEvent, Turn, Wire } from './script.js';

/** OpenAI responses, as codex speaks them. */
export const openaiResponses: Wire = {
  read(body): Conversation {
    const input = typeof body['input'] === 'string' ? [{ content: body['input'] }] : recordsOf(body['input']);
    const results = input.filter((item) => textOf(recordOf(item)['type']).endsWith('_output'));
    const said = input.map((item) => joinParts(recordOf(item)['content']) || textOf(recordOf(item)['output']));
    return {
      protocol: 'openai-responses',
      model: textOf(body['model']),
      stream: body['stream'] === true,
      tools: recordsOf(body['tools']).map((tool) => ({
        name: textOf(tool['name']) || textOf(tool['type']),
        schema: recordOf(tool['parameters']),
      })),
      text: [textOf(body['instructions']), ...said].join('\n'),
      turn: results.length,
      lastResult: textOf(recordOf(results.at(-1))['output']),
    };
  },
  speak(turn: Turn, { model }): SpokenTurn {
    const items = itemsOf(turn);
    const whole = {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model,
      output: items,
      usage: {
        input_tokens: turn.usage.input,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: turn.usage.output,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: turn.usage.input + turn.usage.output,
      },
    };
    return {
      whole,
      events: [
        event('response.created', { response: { ...whole, status: 'in_progress', output: [], usage: null } }),
        ...items.flatMap((item, index) => eventsOfItem(item, index)),
        event('response.completed', { response: whole }),
      ],
    };
  },
};

type Item = Readonly<Record<string, unknown>> & { readonly type: 'message' | 'function_call'; readonly id: string };

function itemsOf(turn: Turn): readonly Item[] {
  const items: Item[] = [];
  if (turn.say !== null) {
    const content = [{ type: 'output_text', text: turn.say, annotations: [] }];
    items.push({ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content });
  }
  if (turn.call !== null) {
    const { id, name, args } = turn.call;
    const call = { call_id: id, name, arguments: JSON.stringify(args), status: 'completed' };
    items.push({ type: 'function_call', id: 'fc_1', ...call });
  }
  return items;
}

function eventsOfItem(item: Item, index: number): readonly StreamEvent[] {
  const at = { item_id: item.id, output_index: index };
  const isCall = item.type === 'function_call';
  const opened = isCall ? { ...item, arguments: '' } : { ...item, content: [] };
  const deltas = isCall
    ? [event('response.function_call_arguments.delta', { ...at, delta: item['arguments'] })]
    : pieces(joinParts(item['content'])).map((delta) =>
        event('response.output_text.delta', { ...at, content_index: 0, delta }),
      );
  return [
    event('response.output_item.added', { output_index: index, item: opened }),
    ...deltas,
    event('response.output_item.done', { output_index: index, item }),
  ];
}

function event(type: string, rest: object): StreamEvent {
  return { name: type, data: { type, ...rest } };
}
