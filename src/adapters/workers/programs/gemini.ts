import { type JsonRecord, recordIn, textIn } from '../json-blocks.js';
import { type Heard, type KnownProgram, type Launch, type Surroundings, quietly, withoutVersion } from './program.js';
import { tellTool } from './tell-tool.js';

/** Gemini CLI (`@google/gemini-cli`), on the command line and by ACP. */
export const gemini: KnownProgram = {
  name: 'gemini',
  endpoint: {
    protocol: 'gemini',
    base_url: 'https://generativelanguage.googleapis.com/v1beta',
    key_env: 'GEMINI_API_KEY',
  },
  model: 'gemini-2.5-pro',
  speaks: ['gemini'],
  cli: {
    executables: ['gemini'],
    launch: (around) =>
      launch(around, [...(around.mode === 'plan' ? [] : ['--yolo']), '--output-format', 'stream-json']),
    hear,
  },
  acp: {
    executables: ['gemini'],
    launch: (around) => launch(around, ['--acp']),
    authMethods: ['gemini-api-key'],
  },
};

function launch(around: Surroundings, argv: readonly string[]): Launch {
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    telemetry: { enabled: false },
    privacy: { usageStatisticsEnabled: false },
    general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
    tools: { sandbox: false, exclude: ['web_fetch', 'google_web_search'] },
    model: { name: around.model },
  };
  return {
    argv: [...argv, '-m', around.model],
    env: {
      ...quietly,
      GEMINI_API_KEY: around.token,
      GOOGLE_GEMINI_BASE_URL: withoutVersion(around.baseUrl),
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_SANDBOX: 'false',
    },
    files: { '.gemini/settings.json': JSON.stringify(settings) },
  };
}

function hear(event: JsonRecord): Heard {
  switch (event['type']) {
    case 'message':
      if (event['role'] !== 'assistant') return {};
      return { said: textIn(event, 'content'), more: event['delta'] === true, recovered: true };
    case 'tool_use':
      return { news: tellTool(textIn(event, 'tool_name'), recordIn(event, 'parameters') ?? {}) };
    case 'error':
      return { failed: textIn(event, 'message') || 'error' };
    case 'result': {
      if (event['status'] === 'success') return { recovered: true };
      return { failed: textIn(recordIn(event, 'error') ?? {}, 'message') || 'the run failed' };
    }
    default:
      return {};
  }
}
