import { type KnownProgram, type Launch, type Surroundings, quietly } from './program.js';

/** Where the prompt is for aider, which reads it from a file alone. */
const promptFile = '.arbiter-prompt.md';

/** aider (`aider-chat`), which speaks plain text. */
export const aider: KnownProgram = {
  name: 'aider',
  endpoint: { protocol: 'openai-chat', base_url: 'https://api.openai.com/v1', key_env: 'OPENAI_API_KEY' },
  model: 'gpt-5.2',
  speaks: ['openai-chat'],
  cli: { executables: ['aider'], launch, hear: null, promptFile },
  acp: null,
};

function launch(around: Surroundings): Launch {
  const off = [
    'auto-commits',
    'dirty-commits',
    'gitignore',
    'check-update',
    'show-model-warnings',
    'analytics',
    'pretty',
  ];
  const quiet = [...off, 'stream', 'suggest-shell-commands', 'detect-urls', 'show-release-notes', 'fancy-input'];
  return {
    argv: [
      ...['--model', `openai/${around.model}`, '--openai-api-base', around.baseUrl, '--yes-always'],
      ...['--message-file', `${around.home}/${promptFile}`, ...(around.mode === 'plan' ? ['--chat-mode', 'ask'] : [])],
      ...quiet.map((name) => `--no-${name}`),
    ],
    env: { ...quietly, OPENAI_API_KEY: around.token, AIDER_ANALYTICS_DISABLE: 'true' },
    files: {},
  };
}
