import type { WireProtocol } from '../../../core/registry/agent-profile.js';
import { type JsonRecord, recordIn, textIn } from '../json-blocks.js';
import { type Heard, type KnownProgram, type Launch, type Surroundings, quietly } from './program.js';
import { tellTool } from './tell-tool.js';

const packages: Readonly<Record<WireProtocol, string>> = {
  'openai-chat': '@ai-sdk/openai-compatible',
  'openai-responses': '@ai-sdk/openai',
  anthropic: '@ai-sdk/anthropic',
  gemini: '@ai-sdk/google',
};

/** opencode (`opencode-ai`), driven at 1.18.33, on the command line and by ACP. */
export const opencode: KnownProgram = {
  name: 'opencode',
  endpoint: { protocol: 'anthropic', base_url: 'https://api.anthropic.com/v1', key_env: 'ANTHROPIC_API_KEY' },
  model: 'claude-sonnet-4-6',
  speaks: ['openai-chat', 'openai-responses', 'anthropic', 'gemini'],
  cli: {
    executables: ['opencode'],
    launch: (around) => launch(around, ['run', '--format', 'json'], 'allow'),
    hear,
  },
  // asks before each edit and command: the assignment's scope answers
  acp: { executables: ['opencode'], launch: (around) => launch(around, ['acp'], 'ask') },
};

function launch(around: Surroundings, argv: readonly string[], allowed: 'allow' | 'ask'): Launch {
  const model = `arbiter/${around.model}`;
  const write = around.mode === 'plan' ? 'deny' : allowed;
  const config = {
    autoupdate: false,
    share: 'disabled',
    model,
    small_model: model,
    // paths outside of the clone are the sandbox's to hold; a question that nobody answers would end the run
    permission: {
      edit: write,
      bash: write,
      external_directory: 'allow',
      doom_loop: 'allow',
      webfetch: 'deny',
      websearch: 'deny',
    },
    provider: {
      arbiter: {
        npm: packages[around.protocol],
        name: 'arbiter',
        options: { baseURL: around.baseUrl, apiKey: around.token },
        models: {
          [around.model]: {
            name: around.model,
            tool_call: true,
            limit: { context: around.contextTokens, output: Math.min(32_000, Math.floor(around.contextTokens / 4)) },
          },
        },
      },
    },
  };
  const off = ['AUTOUPDATE', 'MODELS_FETCH', 'LSP_DOWNLOAD', 'DEFAULT_PLUGINS', 'CLAUDE_CODE'];
  return {
    argv,
    env: { ...quietly, ...Object.fromEntries(off.map((name) => [`OPENCODE_DISABLE_${name}`, '1'])) },
    files: { '.config/opencode/opencode.json': JSON.stringify(config) },
  };
}

function hear(event: JsonRecord): Heard {
  const part = recordIn(event, 'part') ?? {};
  switch (event['type']) {
    case 'text':
      return { said: textIn(part, 'text'), recovered: true };
    case 'tool_use': {
      const input = recordIn(recordIn(part, 'state') ?? {}, 'input') ?? {};
      return { news: tellTool(textIn(part, 'tool'), input), recovered: true };
    }
    case 'error': {
      const error = recordIn(event, 'error') ?? {};
      return { failed: textIn(recordIn(error, 'data') ?? {}, 'message') || textIn(error, 'name') || 'error' };
    }
    default:
      return {};
  }
}
