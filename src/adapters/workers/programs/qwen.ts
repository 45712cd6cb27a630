import { hearClaude } from './hear-claude.js';
import { type KnownProgram, type Launch, type Surroundings, quietly } from './program.js';

/** Qwen Code (`@qwen-code/qwen-code`), on the command line and by ACP. */
export const qwen: KnownProgram = {
  name: 'qwen',
  endpoint: {
    protocol: 'openai-chat',
    base_url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    key_env: 'DASHSCOPE_API_KEY',
  },
  model: 'qwen3-coder-plus',
  speaks: ['openai-chat'],
  cli: {
    executables: ['qwen'],
    launch: (around) => launch(around, [...approvalOf(around), '--output-format', 'stream-json']),
    hear: hearClaude,
  },
  acp: { executables: ['qwen'], launch: (around) => launch(around, ['--acp']), authMethods: ['openai'] },
};

function approvalOf(around: Surroundings): readonly string[] {
  return around.mode === 'plan' ? ['--approval-mode', 'plan'] : ['--yolo'];
}

function launch(around: Surroundings, argv: readonly string[]): Launch {
  const settings = {
    general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    security: { auth: { selectedType: 'openai' } },
  };
  return {
    argv: ['--auth-type', 'openai', ...argv],
    env: {
      ...quietly,
      OPENAI_API_KEY: around.token,
      OPENAI_BASE_URL: around.baseUrl,
      OPENAI_MODEL: around.model,
      QWEN_SANDBOX: 'false',
    },
    files: { '.qwen/settings.json': JSON.stringify(settings) },
  };
}
