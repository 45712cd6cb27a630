import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { databaseFault } from './database-fault.js';

/** Who PostgreSQL runs as. It refuses to run as root, so root has to become somebody else first. */
export interface RunAs {
  readonly name: 'self' | 'user-namespace' | 'nobody';
  /** The argument vector that runs `argv` as that identity. */
  wrap(argv: readonly string[]): readonly string[];
  /** The user and group to become and to own the server's folders; null: those of this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

const self: RunAs = { name: 'self', wrap: (argv) => argv, owner: null };

const nobody: RunAs = { name: 'nobody', wrap: (argv) => argv, owner: { uid: 65_534, gid: 65_534 } };

/**
 * The identities to try, best first: of an ordinary user its own; of root a user of a namespace, to whom root's folders
 * belong and stay reachable, and then uid 65534. initdb asks for the user's name, so a user without one (a container
 * started with a bare number) needs the namespace too.
 */
export async function identitiesOf(uid: number): Promise<readonly RunAs[]> {
  const namespace = inNamespace(await pickNamedUser());
  if (uid === 0) return [namespace, nobody];
  return hasName() ? [self] : [namespace, self];
}

function inNamespace(uid: number): RunAs {
  const map = [`--map-user=${uid}`, `--map-group=${uid}`];
  return { name: 'user-namespace', wrap: (argv) => ['unshare', '--user', ...map, '--', ...argv], owner: null };
}

/** A user that the machine knows by name: 1000 where there is one, else any that is not root. */
async function pickNamedUser(): Promise<number> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const users = lines.map((line) => Number(line.split(':')[2])).filter((uid) => Number.isSafeInteger(uid) && uid > 0);
  return users.includes(1000) ? 1000 : (users[0] ?? 1000);
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** Whether the identity can enter the folder and run the tree's server. Really tried. */
export async function canRun(identity: RunAs, tree: string): Promise<boolean> {
  return tryRun(identity, [join(tree, 'bin', 'postgres'), '--version']);
}

/** Whether the identity can come as far as the folder. */
export async function canEnter(identity: RunAs, folder: string): Promise<boolean> {
  return tryRun(identity, ['/bin/sh', '-c', 'cd "$0"', folder]);
}

/** The fault of a root whose machine lets it become nobody who could run the server. */
export function noIdentityFault(folder: string): Error {
  return databaseFault(
    'DATABASE_FAILED',
    `PostgreSQL does not run as root, and neither a user namespace nor uid 65534 reaches ${folder}`,
    'run arbiter as an ordinary user; or allow user namespaces (kernel.unprivileged_userns_clone, the seccomp profile of ' +
      'the container); or set XDG_STATE_HOME to a folder that uid 65534 can reach; or set DATABASE_URL',
  );
}

function tryRun(identity: RunAs, argv: readonly string[]): Promise<boolean> {
  const [program = '', ...rest] = identity.wrap(argv);
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      ...identity.owner,
      cwd: '/',
      env: cleanEnvironment(),
      stdio: 'ignore',
      timeout: 10_000,
    });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** What the server and initdb see of the environment: nothing that belongs to the user. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
