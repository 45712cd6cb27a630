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
  addLife(agents, run);
}

function addLife(agents: Command, run: Runner): void {
  const one = (name: string, what: string): Command =>
    json(agents.command(`${name} <name>`))
      .description(what)
      .action((agent: string, flags: Flags) => run(`agents ${name}`, { ...flags, name: agent }));
  one('show', 'show how an agent stands, how each version fared, what its outcomes say it is good at');
  one('drain', 'let an agent finish what it has, and give it nothing new');
  one('resume', 'give a drained or retired agent work again');
  one('retire', 'give an agent no work for good; its history is kept');
  one('swap', 'put another version in the place of the one in use, while tasks run')
    .requiredOption('--profile-version <version>', 'the version that takes its place')
    .option('--model <name>')
    .option('--file <path>', 'its GGUF or recording')
    .option('--command <argv...>', 'its command line')
    .option(
      '--discount <share>',
      'what an outcome of the present version counts as for the next (default: 0.5)',
      toNumber,
    );
  json(agents.command('quarantine'))
    .description('show rows of the registry that cannot be read and were set aside')
    .option('--mend', 'rebuild from the outcomes every history that cannot be read')
    .action((flags: Flags) => run('agents quarantine', flags));
  json(agents.command('export <file>'))
    .description('write agents, their versions and outcomes as JSON lines')
    .action((file: string, flags: Flags) => run('agents export', { ...flags, file }));
  json(agents.command('import <file>'))
    .description('take in what agents export wrote; lines that cannot be read are told and left out')
    .option('--replace', 'agents that are there already take the profile of the file')
    .action((file: string, flags: Flags) => run('agents import', { ...flags, file }));
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
