import { type Command, Option } from 'commander';
import type { Runner } from './run-operation.js';
import { toNumber } from './to-number.js';

type Flags = Record<string, unknown>;

/** Commands about agents: `agents …`. */
export function addAgentCommands(program: Command, run: Runner): void {
  const agents = program.command('agents').description('coding agents that can be asked to work');
  json(agents.command('list'))
    .description('list agents, what they lack, and known ones on PATH')
    .action((flags: Flags) => run('agents list', flags));
  addAdd(agents, run);
  json(agents.command('check <name>'))
    .description('ask an agent for one trivial edit in a scratch repository, and say what it did')
    .option('--max-minutes <n>', 'give up after so many minutes (default: 3)', toNumber)
    .action((name: string, flags: Flags) => run('agents check', { ...flags, name }));
  json(agents.command('remove <name>'))
    .description('remove an agent')
    .action((name: string, flags: Flags) => run('agents remove', { ...flags, name }));
}

function addAdd(agents: Command, run: Runner): void {
  json(agents.command('add <name> [command...]'))
    .description(
      'add an agent: a known program (arbiter agents add pi), a command (arbiter agents add mine -- my-agent {prompt}), a bare model, a GGUF, a recording',
    )
    .addOption(new Option('--kind <kind>', 'how it is driven').choices(['acp', 'cli', 'model', 'llama', 'replay']))
    .option('--program <name>', 'the known program behind it (default: its name)')
    .option('--command <argv...>', 'its command line, as after --; {prompt}, {model}, {baseUrl}, {token} are filled in')
    .option('--model <name>')
    .option('--endpoint <url>', 'where its model calls go')
    .addOption(
      new Option('--protocol <wire>', 'what the endpoint speaks').choices([
        'openai-chat',
        'openai-responses',
        'anthropic',
        'gemini',
      ]),
    )
    .option('--key-env <NAME>', 'environment variable that holds the endpoint’s key; the key itself is never stored')
    .option('--price-in <dollars>', 'per million input tokens (default: the packaged price table)', toNumber)
    .option('--price-out <dollars>', 'per million output tokens', toNumber)
    .option('--file <path>', 'the GGUF of a llama agent, or the recording of a replay agent')
    .option('--concurrency <n>', 'how many tasks it may work on at a time (default: 1)', toNumber)
    .option('--per-minute <n>', 'how often it may be asked to work in a minute', toNumber)
    .option('--context-tokens <n>', 'how long a prompt it can read', toNumber)
    .option('--profile-version <version>', 'what its history is kept under (default: 1)')
    .option('--family <name>', 'family of its model, such as claude or qwen')
    .option('--task-type <type...>', 'what it does, such as code-editing (default: anything)')
    .option('--language <name...>', 'languages that it writes (default: any)')
    .option('--specialisation <word...>', 'what it is said to be good at')
    .option('--residency <place...>', 'where its model sees what it is shown, such as eu or local')
    .action((name: string, command: string[], flags: Flags) =>
      run('agents add', { ...flags, name, ...(command.length === 0 ? {} : { command }) }),
    );
}

function json(command: Command): Command {
  return command.option('--json', 'print the result as JSON');
}
