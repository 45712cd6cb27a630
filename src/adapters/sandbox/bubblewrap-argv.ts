import { existsSync } from 'node:fs';
import type { Mount, SandboxedCommand } from '../../ports/sandbox.js';
import { installationOf, linkTarget, systemFolders } from './host-tools.js';

/** Who one is inside, on every machine: tests that refuse to run as root do run, whoever runs Arbiter. */
const insideId = '1000';
const insideHome = '/tmp/home';
/** File numbers that bubblewrap reads and writes; the run's own output is 1 and 2. */
export const statusFile = 3;
const passwdFile = 4;
const groupFile = 5;

/** What is fed to the files 3, 4 and 5 of bubblewrap: its status (it writes), users, groups. */
export const bubblewrapFeeds: readonly (Uint8Array | null)[] = [
  null,
  Buffer.from(
    `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\narbiter:x:${insideId}:${insideId}:arbiter:${insideHome}:/bin/sh\n`,
  ),
  Buffer.from(`root:x:0:\narbiter:x:${insideId}:\n`),
];

// Read by name services, the loader, TLS, `Intl` and mime look-ups; nothing in them belongs to a person.
export const systemConfiguration: readonly string[] = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/alternatives',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/nsswitch.conf',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki/tls/certs',
  '/etc/ca-certificates',
];

// A process of the host's root keeps root's say over these although it has no capability left: a writable
// /proc/sys/kernel/core_pattern would be a program run on the host. Bubblewrap leaves /proc/sys writable then.
const kernelSwitches = ['sys', 'sysrq-trigger', 'irq', 'bus', 'mtrr', 'pressure', 'fs', 'acpi', 'scsi'];

// Sets what bubblewrap has no flag for, then becomes the command. `ulimit -f` counts blocks of 512 bytes (POSIX).
const prologue = 'ulimit -c 0 && ulimit -f "$1" && umask 022 && shift && exec "$@"';

/** Arguments of `bwrap` for a command, deterministic for the same host and command. */
export function bubblewrapArgv(command: SandboxedCommand, features: { disableUserns: boolean }): readonly string[] {
  const memoryBytes = String(command.limits.memoryMb * 1024 * 1024);
  return [
    ...['--unshare-all', '--unshare-user', '--uid', insideId, '--gid', insideId, '--hostname', 'arbiter'],
    ...(features.disableUserns ? ['--disable-userns'] : []),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...systemMounts(),
    ...['--proc', '/proc', ...kernelSwitchMounts(), '--dev', '/dev', '--size', '67108864', '--tmpfs', '/dev/shm'],
    ...['--size', memoryBytes, '--perms', '1777', '--tmpfs', '/tmp', '--dir', insideHome],
    ...mountsInOrder(command),
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...environmentOf(command),
    ...['--chdir', command.cwd, '--json-status-fd', String(statusFile), '--'],
    ...['/bin/sh', '-c', prologue, 'sh', String(Math.floor(command.limits.maxFileBytes / 512)), ...command.argv],
  ];
}

function systemMounts(): string[] {
  const mounts: string[] = [];
  for (const folder of systemFolders) {
    const target = linkTarget(folder);
    if (target !== null) mounts.push('--symlink', target, folder);
    else if (existsSync(folder)) mounts.push('--ro-bind', folder, folder);
  }
  for (const path of systemConfiguration) if (existsSync(path)) mounts.push('--ro-bind', path, path);
  mounts.push('--ro-bind-data', String(passwdFile), '/etc/passwd', '--ro-bind-data', String(groupFile), '/etc/group');
  // The node that runs Arbiter is there wherever it lives.
  const ownNode = installationOf(process.execPath);
  if (ownNode !== null) mounts.push('--ro-bind', ownNode, ownNode);
  return mounts;
}

function kernelSwitchMounts(): string[] {
  return kernelSwitches
    .map((name) => `/proc/${name}`)
    .filter((path) => existsSync(path))
    .flatMap((path) => ['--ro-bind', path, path]);
}

/** Outer folders first, so that a mount inside another lands in it. */
function mountsInOrder(command: SandboxedCommand): string[] {
  const mounts: { to: string; args: readonly string[] }[] = [
    ...command.readOnly.map((mount: Mount) => ({ to: mount.to, args: ['--ro-bind', mount.from, mount.to] })),
    ...command.writable.map((mount: Mount) => ({ to: mount.to, args: ['--bind', mount.from, mount.to] })),
    ...command.scratch.map((to) => ({ to, args: ['--size', '268435456', '--tmpfs', to] })),
  ];
  return mounts.sort((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : 0)).flatMap((mount) => mount.args);
}

function environmentOf(command: SandboxedCommand): string[] {
  const env = { HOME: insideHome, TMPDIR: '/tmp', PATH: defaultPath(), ...command.env };
  return Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => ['--setenv', name, value]);
}

/** The PATH inside when the command names none: our own node first. */
export function defaultPath(): string {
  const ownFolder = process.execPath.slice(0, process.execPath.lastIndexOf('/'));
  return [...new Set([ownFolder, '/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'])].join(
    ':',
  );
}
