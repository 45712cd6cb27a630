import { Command, Option } from 'commander';
import type { Runner } from './run-operation.js';

type Flags = Record<string, unknown>;

/** Commands that land changes and guard what lands: `publish`, `verify`, `hook …`. */
export function addPublicationCommands(program: Command, run: Runner): void {
  program
    .command('publish <target>')
    .description('land a change that a signed PASS covers: a task’s, or that of a verdict’s folder')
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .addOption(
      new Option('--mode <mode>', 'where it lands (default: publish of .caws/arbiter.yaml at the base)').choices([
        'branch',
        'direct',
        'none',
      ]),
    )
    .option('--key <file>', 'the publish key (default: the one arbiter init made)')
    .option(
      '--reexamine',
      'where the base has moved: judge the change again on it, gates and all, and land that verdict',
    )
    .option('--verdict-key <file>', 'the verdict key, for --reexamine (default: ARBITER_VERDICT_KEY, else init’s)')
    .option('--json', 'print the result as JSON')
    .action((target: string, flags: Flags) => run('publish', { ...flags, target }));
  withTrust(program.command('verify <range>'))
    .description('check that each commit of BASE..HEAD has a valid verdict of its own')
    .action((range: string, flags: Flags) => run('verify', { ...flags, range }));
  withTrust(program.command('audit [branch]'))
    .description('name what slipped onto a protected branch without a verdict (exit 0: nothing, 1: something)')
    .option('--base <rev>', 'begin after this commit (default: the last clean audit, else the first governed commit)')
    .action((branch: string | undefined, flags: Flags) => run('audit', { ...flags, branch }));
  addReadjudicate(program, run);
  addWhy(program, run);
  addHook(program, run);
}

function addReadjudicate(program: Command, run: Runner): void {
  program
    .command('readjudicate <commit>')
    .description('judge a squash or merge commit against its first parent, and cover it by that verdict')
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--spec <id|file>', 'the working spec, read from its first parent')
    .option('--review <file>', 'a reviewer’s signature over this change (namespace caws-review)')
    .option('--out <dir>', 'where to write the verdict (default: a new folder outside the repository)')
    .option('--key <file>', 'the verdict key (default: ARBITER_VERDICT_KEY, else the one arbiter init made)')
    .option('--publish-key <file>', 'the publish key (default: the one arbiter init made)')
    .option('--json', 'print the result as JSON')
    .action((commit: string, flags: Flags) => run('readjudicate', { ...flags, commit }));
}

function addWhy(program: Command, run: Runner): void {
  program
    .command('why <file>')
    .description('say why lines are there: FILE, FILE:LINE or FILE:FROM-TO')
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--at <commit>', 'the commit whose file is meant (default: HEAD)')
    .option('--root <file>', 'trust this public root key (default: the one pinned on this machine)')
    .option('--json', 'print the result as JSON')
    .action((file: string, flags: Flags) => run('why', { ...flags, file }));
}

function withTrust(command: Command): Command {
  return command
    .option('-C, --repository <dir>', 'work in this folder', '.')
    .option('--root <file>', 'trust this public root key (default: the one pinned on this machine)')
    .option('--allow-local', 'let verdicts count whose key a worker may reach')
    .option('--json', 'print the result as JSON');
}

function addHook(program: Command, run: Runner): void {
  const hook = program.command('hook').description('git hooks that leave no way around a verdict');
  withTrust(hook.command('install'))
    .description('install the hook of a bare repository (--server) or of a clone (--client)')
    .addOption(new Option('--server', 'refuse pushes that no verdict covers').conflicts(['client']))
    .option('--client', 'warn before a push that a server would refuse')
    .option('--protect <ref...>', 'protected branches, such as refs/heads/main (default: the protected one)')
    .action((flags: Flags) => run('hook install', flags));
  withTrust(hook.command('receive'))
    .description('judge the updates of a push, as git hands them to a hook; the installed hooks call it')
    .option('--protect <ref...>', 'protected branches')
    .option('--quarantine <dir>', 'where git keeps the objects of the push meanwhile')
    .option('--advisory', 'tell what a server would refuse, and refuse nothing')
    .action((flags: Flags) => run('hook receive', flags));
}
