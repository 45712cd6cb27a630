import { hearClaude } from './hear-claude.js';
import { type KnownProgram, type Launch, type Surroundings, quietly, withoutVersion } from './program.js';

/** Claude Code, and its ACP adapter (`claude-agent-acp`, driven at 0.100.0 with Node 24). */
export const claude: KnownProgram = {
  name: 'claude',
  endpoint: { protocol: 'anthropic', base_url: 'https://api.anthropic.com/v1', key_env: 'ANTHROPIC_API_KEY' },
  model: 'claude-sonnet-4-6',
  speaks: ['anthropic'],
  cli: { executables: ['claude'], launch: launchCli, hear: hearClaude },
  acp: {
    executables: ['claude-agent-acp', 'claude-code-acp'],
    launch: (around) => ({ argv: [], env: environmentOf(around), files: {} }),
  },
};

function launchCli(around: Surroundings): Launch {
  const mode = around.mode === 'plan' ? ['plan'] : ['bypassPermissions'];
  return {
    argv: [
      ...['-p', '--output-format', 'stream-json', '--verbose', '--model', around.model],
      ...['--permission-mode', ...mode, '--disallowedTools', 'WebFetch,WebSearch'],
    ],
    env: environmentOf(around),
    files: {},
  };
}

function environmentOf(around: Surroundings): Record<string, string> {
  return {
    ...quietly,
    ANTHROPIC_BASE_URL: withoutVersion(around.baseUrl),
    ANTHROPIC_API_KEY: around.token,
    ANTHROPIC_MODEL: around.model,
    ANTHROPIC_SMALL_FAST_MODEL: around.model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: around.model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    // it refuses to skip its own questions as root, unless it is told of the sandbox around it
    IS_SANDBOX: '1',
  };
}
