import type { WireProtocol } from '../../../core/registry/agent-profile.js';
import { type JsonRecord, recordIn, recordsIn, textIn } from '../json-blocks.js';
import { type Heard, type KnownProgram, type Launch, type Surroundings, quietly, withoutVersion } from './program.js';
import { tellTool } from './tell-tool.js';

const apis: Readonly<Record<WireProtocol, string>> = {
  'openai-chat': 'openai-completions',
  'openai-responses': 'openai-responses',
  anthropic: 'anthropic-messages',
  gemini: 'google-generative-ai',
};

/** pi (`@mariozechner/pi-coding-agent`), driven at 0.73.1. */
export const pi: KnownProgram = {
  name: 'pi',
  endpoint: { protocol: 'anthropic', base_url: 'https://api.anthropic.com/v1', key_env: 'ANTHROPIC_API_KEY' },
  model: 'claude-sonnet-4-6',
  speaks: ['openai-chat', 'openai-responses', 'anthropic', 'gemini'],
  cli: {
    executables: ['pi'],
    launch,
    hear,
    // with each piece of a message it repeats the whole message twice: the output grows by the square of what is said
    skip: '{"type":"message_update"',
    maxOutputBytes: 16 * 1024 ** 3,
  },
  acp: null,
};

function launch(around: Surroundings): Launch {
  const model = {
    id: around.model,
    name: around.model,
    reasoning: false,
    input: ['text'],
    contextWindow: around.contextTokens,
    maxTokens: Math.min(32_000, Math.floor(around.contextTokens / 4)),
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  };
  const provider = {
    // the Anthropic SDK appends the version itself
    baseUrl: around.protocol === 'anthropic' ? withoutVersion(around.baseUrl) : around.baseUrl,
    api: apis[around.protocol],
    apiKey: around.token,
    models: [model],
  };
  const tools = around.mode === 'plan' ? ['--tools', 'read,grep,find,ls'] : [];
  return {
    argv: [
      ...['--mode', 'json', '-p', '--provider', 'arbiter', '--model', around.model, '--no-session'],
      ...['--no-extensions', '--no-skills', '--no-prompt-templates', ...tools],
    ],
    env: { ...quietly, PI_OFFLINE: '1', PI_SKIP_VERSION_CHECK: '1', PI_TELEMETRY: '0' },
    files: { '.pi/agent/models.json': JSON.stringify({ providers: { arbiter: provider } }) },
  };
}

/** pi ends with 0 also when its model could not be reached; the last message says so. */
function hear(event: JsonRecord): Heard {
  if (event['type'] === 'tool_execution_start') {
    return { news: tellTool(textIn(event, 'toolName'), recordIn(event, 'args') ?? {}) };
  }
  const message = event['type'] === 'message_end' ? recordIn(event, 'message') : null;
  if (message === null || message['role'] !== 'assistant') return {};
  if (message['stopReason'] === 'error' || message['stopReason'] === 'aborted') {
    return { failed: textIn(message, 'errorMessage') || textIn(message, 'stopReason') };
  }
  const said = recordsIn(message, 'content')
    .map((part) => (part['type'] === 'text' ? textIn(part, 'text') : ''))
    .join('');
  return { recovered: true, ...(said === '' ? {} : { said }) };
}
