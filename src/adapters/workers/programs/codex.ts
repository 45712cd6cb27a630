import { type JsonRecord, recordIn, recordsIn, textIn } from '../json-blocks.js';
import { type Heard, type KnownProgram, type Launch, type Surroundings, quietly } from './program.js';

/** Codex (`@openai/codex`, driven at 0.169.0) and its ACP adapter (`codex-acp`, driven at 2.6.0 with Node 24). */
export const codex: KnownProgram = {
  name: 'codex',
  endpoint: { protocol: 'openai-responses', base_url: 'https://api.openai.com/v1', key_env: 'OPENAI_API_KEY' },
  model: 'gpt-5.3-codex',
  speaks: ['openai-responses'],
  cli: {
    executables: ['codex'],
    launch: (around) => ({ ...launch(around), argv: ['exec', '--json', '--skip-git-repo-check', '-'] }),
    hear,
  },
  acp: {
    executables: ['codex-acp'],
    launch,
    sessionModes: ['full-access', 'agent-full-access'],
    authMethods: ['openai-api-key', 'codex-api-key'],
  },
};

function launch(around: Surroundings): Launch {
  return {
    argv: [],
    env: { ...quietly, CODEX_HOME: `${around.home}/.codex`, ARBITER_TOKEN: around.token, OPENAI_API_KEY: around.token },
    files: { '.codex/config.toml': configOf(around) },
  };
}

/** Its own sandbox is off: it cannot be nested in ours, which is the one that counts. */
function configOf(around: Surroundings): string {
  const text = (value: string): string => JSON.stringify(value);
  return [
    `model = ${text(around.model)}`,
    'model_provider = "arbiter"',
    'approval_policy = "never"',
    'sandbox_mode = "danger-full-access"',
    'check_for_update_on_startup = false',
    'web_search = "disabled"',
    'cli_auth_credentials_store = "file"',
    `model_context_window = ${around.contextTokens}`,
    '[analytics]',
    'enabled = false',
    '[feedback]',
    'enabled = false',
    '[history]',
    'persistence = "none"',
    '[model_providers.arbiter]',
    'name = "arbiter"',
    `base_url = ${text(around.baseUrl)}`,
    'wire_api = "responses"',
    'env_key = "ARBITER_TOKEN"',
    'request_max_retries = 4',
    'stream_max_retries = 3',
    `[projects.${text(around.folder)}]`,
    'trust_level = "trusted"',
    '',
  ].join('\n');
}

function hear(event: JsonRecord): Heard {
  const item = recordIn(event, 'item') ?? {};
  switch (event['type']) {
    case 'item.started':
      return item['type'] === 'command_execution' ? { news: [{ kind: 'tool', text: textIn(item, 'command') }] } : {};
    case 'item.completed':
      return hearItem(item);
    case 'turn.completed':
      return { recovered: true };
    case 'turn.failed':
      return { failed: textIn(recordIn(event, 'error') ?? {}, 'message') || 'the turn failed' };
    case 'error':
      return { failed: textIn(event, 'message') || 'error' };
    default:
      return {};
  }
}

function hearItem(item: JsonRecord): Heard {
  if (item['type'] === 'agent_message') return { said: textIn(item, 'text'), recovered: true };
  if (item['type'] !== 'file_change') return {};
  return { news: recordsIn(item, 'changes').map((change) => ({ kind: 'file', text: textIn(change, 'path') })) };
}
