import { joinParts, recordOf, recordsOf, textOf } from './read-json.js';
import type { Conversation, SpokenTurn, Turn, Wire } from './script.js';

/** OpenAI chat completions, as most servers of open models speak them. */
export const openaiChat: Wire = {
  read(body): Conversation {
    const messages = recordsOf(body['messages']);
    const results = messages.filter(({ role }) => role === 'tool');
    return {
      protocol: 'openai-chat',
      model: textOf(body['model']),
      stream: body['stream'] === true,
      tools: recordsOf(body['tools']).map((tool) => {
        const described = recordOf(tool['function']);
        return { name: textOf(described['name']), schema: recordOf(described['parameters']) };
      }),
      text: messages.map(({ content }) => joinParts(content)).join('\n'),
      turn: results.length,
      lastResult: joinParts(results.at(-1)?.['content']),
    };
  },
  speak(turn: Turn, { model }): SpokenTurn {
    const base = { id: 'chatcmpl-1', created: 1, model };
    const usage = {
      prompt_tokens: turn.usage.input,
      completion_tokens: turn.usage.output,
      total_tokens: turn.usage.input + turn.usage.output,
    };
    const calls =
      turn.call === null
        ? {}
        : {
            tool_calls: [
              {
                index: 0,
                id: turn.call.id,
                type: 'function',
                function: { name: turn.call.name, arguments: JSON.stringify(turn.call.args) },
              },
            ],
          };
    const finish = turn.call === null ? 'stop' : 'tool_calls';
    const message = { role: 'assistant', content: turn.say, ...calls };
    const chunk = (delta: unknown, reason: string | null): { data: unknown } => ({
      data: { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] },
    });
    return {
      whole: { ...base, object: 'chat.completion', choices: [{ index: 0, finish_reason: finish, message }], usage },
      events: [
        ...pieces(turn.say).map((content) => chunk({ role: 'assistant', content }, null)),
        ...(turn.call === null ? [] : [chunk({ role: 'assistant', ...calls }, null)]),
        chunk({}, finish),
        { data: { ...base, object: 'chat.completion.chunk', choices: [], usage } },
        { data: '[DONE]' },
      ],
    };
  },
};

/** A text in two halves, so that a stream has a middle. */
export function pieces(text: string | null): readonly string[] {
  if (text === null || text === '') return [];
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '');
}
