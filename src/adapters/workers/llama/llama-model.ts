import { Fault } from '../../../core/fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import type { SdkModel } from '../model/language-model.js';
import { type Schema, grammarSchema, toolCallSchema, withoutNulls } from './grammar-schema.js';
import type { Llama, LlamaHistoryItem, LlamaModel, LlamaRuntime, LlamaSession } from './load-runtime.js';

type Options = Parameters<SdkModel['doGenerate']>[0];
type Result = Awaited<ReturnType<SdkModel['doGenerate']>>;
type Message = Options['prompt'][number];

const longestAnswer = 2048;
/** One: a model that takes every core would starve the gates and the database beside it. */
const threads = 1;

/**
 * A model in this process behind the SDK's interface. Where tools are offered, a grammar lets nothing but a call of one of
 * them be written; where a schema is asked for, nothing but JSON of it.
 */
export function llamaModel(runtime: LlamaRuntime, llama: Llama, model: LlamaModel, contextTokens: number): SdkModel {
  return {
    specificationVersion: 'v3',
    provider: 'llama.cpp',
    modelId: model.fileInfo.metadata.general?.name ?? 'gguf',
    supportedUrls: {},
    async doGenerate(options): Promise<Result> {
      options.abortSignal?.throwIfAborted();
      const context = await model.createContext({ contextSize: contextTokens, threads });
      try {
        const sequence = context.getSequence();
        const session = new runtime.LlamaChatSession({ contextSequence: sequence });
        const grammar = await grammarFor(llama, options);
        const answer = await ask(session, options, grammar);
        const used = sequence.tokenMeter.getState();
        return {
          content: contentOf(answer.responseText, options),
          finishReason: { unified: answer.stopReason === 'maxTokens' ? 'length' : 'stop', raw: answer.stopReason },
          usage: {
            inputTokens: { total: used.usedInputTokens, noCache: used.usedInputTokens, cacheRead: 0, cacheWrite: 0 },
            outputTokens: { total: used.usedOutputTokens, text: used.usedOutputTokens, reasoning: 0 },
          },
          warnings: [],
        };
      } finally {
        await context.dispose();
      }
    },
    doStream: () =>
      Promise.reject(
        new Fault<WorkerFaultCode>('AGENT_FAILED', 'a model in process answers in one piece', {
          mend: 'ask it by doGenerate',
        }),
      ),
  };
}

async function grammarFor(llama: Llama, options: Options): Promise<object | null> {
  const tools = functionTools(options);
  if (tools.length > 0) return llama.createGrammarForJsonSchema(toolCallSchema(tools));
  const format = options.responseFormat;
  if (format?.type !== 'json') return null;
  return llama.createGrammarForJsonSchema(grammarSchema(format.schema ?? { type: 'object' }));
}

function functionTools(options: Options): readonly { name: string; description: string; inputSchema: unknown }[] {
  return (options.tools ?? []).flatMap((tool) =>
    tool.type === 'function'
      ? [{ name: tool.name, description: tool.description ?? '', inputSchema: tool.inputSchema as unknown }]
      : [],
  );
}

async function ask(
  session: LlamaSession,
  options: Options,
  grammar: object | null,
): ReturnType<LlamaSession['promptWithMeta']> {
  const history = mergeTurns(options.prompt.map(historyItem));
  const last = history.at(-1);
  const asksNow = last?.type === 'user';
  session.setChatHistory([...toolHelp(options), ...(asksNow ? history.slice(0, -1) : history)]);
  return session.promptWithMeta(asksNow ? last.text : 'Go on.', {
    maxTokens: options.maxOutputTokens ?? longestAnswer,
    temperature: options.temperature ?? 0,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.abortSignal === undefined ? {} : { signal: options.abortSignal }),
    ...(grammar === null ? {} : { grammar }),
  });
}

/** What a model that has no notion of tools is told of them. */
function toolHelp(options: Options): readonly LlamaHistoryItem[] {
  const tools = functionTools(options);
  if (tools.length === 0) return [];
  const lines = tools.map(
    ({ name, description, inputSchema }) => `${name}: ${description} ${argumentNames(inputSchema)}`,
  );
  return [
    { type: 'system', text: `Answer with one JSON object {"tool": …, "args": {…}}. Tools:\n${lines.join('\n')}` },
  ];
}

function argumentNames(schema: unknown): string {
  const { properties = {} } = grammarSchema(schema) as Schema & { properties?: object };
  return `args: ${Object.keys(properties).join(', ') || 'none'}`;
}

function historyItem(message: Message): LlamaHistoryItem {
  if (message.role === 'system') return { type: 'system', text: message.content };
  if (message.role === 'assistant') return { type: 'model', response: [message.content.map(partText).join('')] };
  return { type: 'user', text: message.content.map(partText).join('\n') };
}

type Part = Exclude<Message, { role: 'system' }>['content'][number];

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'tool-call':
      return JSON.stringify({ tool: part.toolName, args: part.input });
    case 'tool-result':
      return `${part.toolName} gave:\n${part.output.type === 'text' ? part.output.value : JSON.stringify(part.output)}`;
    default:
      return '';
  }
}

/** Results of several calls become one turn: chat templates want the roles to take turns. */
function mergeTurns(items: readonly LlamaHistoryItem[]): LlamaHistoryItem[] {
  const merged: LlamaHistoryItem[] = [];
  for (const item of items) {
    const before = merged.at(-1);
    if (before?.type === 'user' && item.type === 'user')
      merged[merged.length - 1] = { type: 'user', text: `${before.text}\n\n${item.text}` };
    else merged.push(item);
  }
  return merged;
}

/** The grammar has made it a call, unless it was cut off at its greatest length: then it stays words. */
function contentOf(text: string, options: Options): Result['content'] {
  if (functionTools(options).length === 0) return [{ type: 'text', text }];
  try {
    const call = JSON.parse(text) as { tool: string; args: unknown };
    const input = JSON.stringify(withoutNulls(call.args));
    return [{ type: 'tool-call', toolCallId: `call-${options.prompt.length}`, toolName: call.tool, input }];
  } catch (error) {
    if (error instanceof SyntaxError) return [{ type: 'text', text }];
    throw error;
  }
}
