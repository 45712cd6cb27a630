import type { Command } from 'commander';
import { addAgentCommands } from './program-agents.js';
import type { Runner } from './run-operation.js';
import { toNumber } from './to-number.js';

type Flags = Record<string, unknown>;

/** Commands that take tasks from words to verdicts: `run`, `task …`, `agents …`, `up`, `down`, `status`, `db …`. */
export function addRuntimeCommands(program: Command, run: Runner): void {
  addRun(program, run);
  addTask(program, run);
  addAgentCommands(program, run);
  addWorkers(program, run);
  addDb(program, run);
}

function json(command: Command): Command {
  return command.option('--json', 'print the result as JSON');
}

function addRun(program: Command, run: Runner): void {
  json(program.command('run <words...>'))
    .description('take a task from words to a signed verdict with a coding agent')
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--spec <id>', 'the working spec (default: the only open one at the base)')
    .option('--base <rev>', 'what the change is made on (default: the protected branch)')
    .option(
      '--agent <name...>',
      'the agent, or several in the order in which they are tried (default: the router chooses)',
    )
    .option('--candidates <n>', 'let so many candidates be made and the best verdict count', toNumber)
    .option('--session <name>', 'keep the agent of the last task under this name while it can be asked')
    .option('--residency <place...>', 'only agents whose models run at one of these, such as eu or local')
    .option('--specialisation <word...>', 'only agents that are said to be good at all of these')
    .option('--budget-usd <dollars>', 'stop before more is spent', toNumber)
    .option('--max-tokens <n>', 'stop at so many tokens', toNumber)
    .option('--max-turns <n>', 'stop at so many model turns', toNumber)
    .option('--max-minutes <n>', 'stop at so many minutes of work (default: 60)', toNumber)
    .option('--refinements <n>', 'give a refused candidate back so often (default: 2)', toNumber)
    .option('--priority <n>', '1 is the most urgent, 1000 the least (default: 500)', toNumber)
    .option('--deadline-minutes <n>', 'a verdict within so many minutes, or none', toNumber)
    .option('--dedup-key <key>', 'an open task under the same key is the same task')
    .option('--key <file>', 'the verdict key (default: ARBITER_VERDICT_KEY, else the one arbiter init made)')
    .option('--detach', 'submit it, see that a worker is up, and return')
    .action((words: string[], flags: Flags) => run('run', { ...flags, words: words.join(' ') }));
}

function addTask(program: Command, run: Runner): void {
  const task = program.command('task').description('tasks: what they are at, what became of them');
  json(task.command('list'))
    .description('list tasks, newest first')
    .option('--state <state...>', 'only tasks in these states')
    .option('-C, --repository <dir>', 'only tasks of this repository')
    .option('--limit <n>', 'at most so many (default: 20)', toNumber)
    .action((flags: Flags) => run('task list', flags));
  const one = (name: string, what: string): Command => json(task.command(`${name} <id>`)).description(what);
  one('show', 'tell the whole story of a task').action(withId(run, 'task show'));
  one('watch', 'follow a task live until it ends or waits for a human').action(withId(run, 'task watch'));
  one('cancel', 'end a task now; the repository stays as it is').action(withId(run, 'task cancel'));
  one('resume', 'wake a task that waits for a human')
    .option('--base <rev>', 'the commit that holds the answer (default: the protected branch)')
    .action(withId(run, 'task resume'));
  one('logs', 'print what agents and stages said')
    .option('--limit <n>', 'at most so many lines (default: 1000)', toNumber)
    .action(withId(run, 'task logs'));
  one('record', 'write what its agents did as a recording for a replay agent')
    .requiredOption('--out <file>', 'the recording')
    .action(withId(run, 'task record'));
}

function withId(run: Runner, name: string): (id: string, flags: Flags) => Promise<void> {
  return (id, flags) => run(name, { ...flags, id });
}

function addWorkers(program: Command, run: Runner): void {
  json(program.command('up'))
    .description('start workers in the background; they take up what was left')
    .option('--workers <n>', 'how many worker processes there shall be (default: 1)', toNumber)
    .option('--foreground', 'be the worker, until Ctrl-C')
    .action((flags: Flags) => run('up', flags));
  json(program.command('down'))
    .description('stop the workers of this machine and the embedded database')
    .action((flags: Flags) => run('down', flags));
  json(program.command('status'))
    .description('say which workers are up and what waits')
    .action((flags: Flags) => run('status', flags));
}

function addDb(program: Command, run: Runner): void {
  const db = program.command('db').description('the store: an embedded PostgreSQL, or DATABASE_URL');
  json(db.command('status'))
    .description('say where the store is and what it holds')
    .action((flags: Flags) => run('db status', flags));
  json(db.command('migrate'))
    .description('bring the store to this version')
    .action((flags: Flags) => run('db migrate', flags));
  json(db.command('backup <file>'))
    .description('write the whole store into one file')
    .action((file: string, flags: Flags) => run('db backup', { ...flags, file }));
  json(db.command('restore <file>'))
    .description('fill an empty store from a backup')
    .action((file: string, flags: Flags) => run('db restore', { ...flags, file }));
}
