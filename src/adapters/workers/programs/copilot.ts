import { type JsonRecord, recordIn, textIn } from '../json-blocks.js';
import { type Heard, type KnownProgram, type Launch, type Surroundings, quietly, withoutVersion } from './program.js';
import { tellTool } from './tell-tool.js';

/** GitHub Copilot CLI with a model endpoint of one's own (`@github/copilot`); it asks GitHub for nothing then. */
export const copilot: KnownProgram = {
  name: 'copilot',
  endpoint: { protocol: 'openai-chat', base_url: 'https://api.openai.com/v1', key_env: 'OPENAI_API_KEY' },
  model: 'gpt-5.2',
  speaks: ['openai-chat', 'anthropic'],
  cli: { executables: ['copilot'], launch, hear },
  acp: null,
};

function launch(around: Surroundings): Launch {
  const isAnthropic = around.protocol === 'anthropic';
  const tools = around.mode === 'plan' ? ['--deny-tool', 'write', '--deny-tool', 'shell'] : [];
  return {
    argv: ['--allow-all-tools', '--allow-all-paths', ...tools, '--no-ask-user', '--output-format', 'json'],
    env: {
      ...quietly,
      COPILOT_HOME: `${around.home}/.copilot`,
      COPILOT_OFFLINE: 'true',
      COPILOT_AUTO_UPDATE: 'false',
      COPILOT_PROVIDER_TYPE: isAnthropic ? 'anthropic' : 'openai',
      COPILOT_PROVIDER_BASE_URL: isAnthropic ? withoutVersion(around.baseUrl) : around.baseUrl,
      COPILOT_PROVIDER_API_KEY: around.token,
      COPILOT_MODEL: around.model,
    },
    files: {},
  };
}

function hear(event: JsonRecord): Heard {
  const data = recordIn(event, 'data') ?? {};
  switch (event['type']) {
    case 'assistant.message':
      return { said: textIn(data, 'content'), recovered: true };
    case 'tool.execution_start':
      return { news: tellTool(textIn(data, 'toolName'), recordIn(data, 'arguments') ?? {}) };
    case 'session.error':
    case 'error':
      return { failed: textIn(data, 'message') || textIn(event, 'message') || 'error' };
    default:
      return {};
  }
}
