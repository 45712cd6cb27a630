import { pieces } from './openai-chat.js';
import { joinParts, recordOf, recordsOf, textOf } from './read-json.js';
import type { Conversation, SpokenTurn, Turn, Wire } from './script.js';

/** Gemini generateContent; model and streaming stand in the path. */
export const gemini: Wire = {
  read(body, path): Conversation {
    const parts = recordsOf(body['contents']).flatMap((content) => recordsOf(content['parts']));
    const results = parts.filter((part) => part['functionResponse'] !== undefined);
    const system = recordOf(body['systemInstruction']);
    return {
      protocol: 'gemini',
      model: /models\/([^:]+):/.exec(path)?.[1] ?? '',
      stream: path.includes(':streamGenerateContent'),
      tools: recordsOf(body['tools'])
        .flatMap((tool) => recordsOf(tool['functionDeclarations']))
        .map((tool) => ({
          name: textOf(tool['name']),
          schema: recordOf(tool['parametersJsonSchema'] ?? tool['parameters']),
        })),
      text: [joinParts(system['parts']), joinParts(parts)].join('\n'),
      turn: results.length,
      lastResult: JSON.stringify(recordOf(results.at(-1)?.['functionResponse'])['response'] ?? ''),
    };
  },
  speak(turn: Turn): SpokenTurn {
    const usageMetadata = {
      promptTokenCount: turn.usage.input,
      candidatesTokenCount: turn.usage.output,
      totalTokenCount: turn.usage.input + turn.usage.output,
    };
    const call = turn.call === null ? [] : [{ functionCall: { name: turn.call.name, args: turn.call.args } }];
    const words = turn.say === null ? [] : [{ text: turn.say }];
    const answer = (parts: unknown, rest: object): object => ({
      candidates: [{ index: 0, content: { role: 'model', parts }, ...rest }],
      usageMetadata,
    });
    return {
      whole: answer([...words, ...call], { finishReason: 'STOP' }),
      events: [
        ...pieces(turn.say).map((text) => ({ data: answer([{ text }], {}) })),
        { data: answer(call.length === 0 ? [{ text: '' }] : call, { finishReason: 'STOP' }) },
      ],
    };
  },
};
