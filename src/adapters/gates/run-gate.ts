import { join } from 'node:path';
import type { GateConfig, ReportFormat } from '../../core/caws/arbiter-config.js';
import { maxReportBytes } from '../../core/caws/gate/report.js';
import type { Mount, SandboxedCommand, SandboxEnd } from '../../ports/sandbox.js';
import { type GateRoom, makeRunFolder, type Overlay, type RunFolder, type Side } from './gate-room.js';
import { openReportPipes } from './report-pipes.js';
import { removeTempFolder } from '../sandbox/temp-folder.js';
import { readInside, type ReportRead } from './untrusted-tree.js';

/** Where a checkout stands inside a sandbox that hides the host's files. */
const insideCheckout = '/workspace';
const insidePipes = '/run/arbiter';
const maxFileBytes = 1024 * 1024 * 1024;
const maxWrittenBytes = 8 * 1024 * 1024 * 1024;

/** A report as it came out of a run. */
export type GateReport = ReportRead & { readonly format: ReportFormat };

/** One run of a gate's command on one tree, as it happened; nothing in it is judged yet. */
export interface GateProcess {
  readonly exit: number | null;
  readonly ended: SandboxEnd;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly durationMs: number;
  /** End of what the command said, for people. */
  readonly outputTail: string;
  readonly reports: readonly GateReport[];
  /** Path of the checkout as the run saw it: reports name files by it. */
  readonly root: string;
}

/** What is run: a gate's command on a side, with files put over the checkout. */
export interface GateTask {
  readonly gate: GateConfig;
  readonly side: Side;
  readonly overlay: Overlay;
  readonly timeoutMs?: number;
}

/** Runs the command in a fresh copy; when it settles every process is dead, the reports are read, the copy is gone. */
export async function runGate(room: GateRoom, task: GateTask): Promise<GateProcess> {
  const folder = await makeRunFolder(room, task.side, task.overlay);
  try {
    return await runIn(room, task, folder);
  } finally {
    await removeTempFolder(folder.top);
  }
}

async function runIn(room: GateRoom, task: GateTask, folder: RunFolder): Promise<GateProcess> {
  const { gate } = task;
  const hides = room.sandbox.guarantees.hidesFiles;
  const root = hides ? insideCheckout : folder.checkout;
  const pipesRoot = hides ? insidePipes : folder.pipes;
  const piped = pipedFormats(gate);
  const over = new AbortController();
  const stop = room.signal === undefined ? over.signal : AbortSignal.any([room.signal, over.signal]);
  const pipes = await openReportPipes(folder.pipes, piped.map(reportName), {
    maxBytes: maxReportBytes,
    opensToRead: gate.command.some((argument) => /(^|\/)(vitest|gotestsum(@\S+)?)$/.test(argument)),
    onOver: () => over.abort(),
  });
  const startedMs = room.clock.nowMs();
  const running = room.sandbox.run(commandOf(room, task, folder, { root, pipesRoot }), stop);
  const [run, written] = await Promise.all([running, running.then(pipes.finish, pipes.finish)]);
  const endedMs = room.clock.nowMs();
  const reports = await Promise.all(
    gate.reports.map(async ({ format, path }): Promise<GateReport> => {
      if (piped.includes(format)) return { format, ...readPiped(format, written.get(reportName(format)) ?? null) };
      if (path === undefined)
        return { format, bytes: null, problem: `no argument of the command says {report:${format}}` };
      return { format, ...(await readInside(folder.checkout, path, maxReportBytes)) };
    }),
  );
  room.signal?.throwIfAborted();
  const ended = over.signal.aborted && run.ended === 'aborted' ? 'output-limit' : run.ended;
  const { exit, durationMs } = run;
  return { exit, ended, startedMs, endedMs, durationMs, outputTail: tailOf(run.stdout, run.stderr), reports, root };
}

function readPiped(format: ReportFormat, bytes: Uint8Array | null): ReportRead {
  if (bytes === null) return { bytes, problem: `the ${format} report is larger than ${maxReportBytes} bytes` };
  return bytes.length === 0 ? { bytes: null, problem: `no ${format} report was written` } : { bytes, problem: null };
}

function commandOf(
  room: GateRoom,
  { gate, side, timeoutMs }: GateTask,
  folder: RunFolder,
  inside: { root: string; pipesRoot: string },
): SandboxedCommand {
  const hides = room.sandbox.guarantees.hidesFiles;
  const prepared = room.dependencies[side];
  const modules = prepared.state === 'ready' && hides ? prepared : null;
  const moduleMounts = (modules?.folders ?? []).map((path): Mount => ({
    from: join(modules?.folder ?? '', path),
    to: join(inside.root, path),
  }));
  return {
    argv: gate.command.map((argument) => fillIn(argument, gate, inside.pipesRoot)),
    cwd: join(inside.root, gate.cwd),
    env: environmentOf(room, gate, inside.root),
    readOnly: [...(hides ? room.toolchain.mounts : []), ...moduleMounts, { from: folder.pipes, to: inside.pipesRoot }],
    writable: [{ from: folder.checkout, to: inside.root }],
    scratch: (modules?.scratch ?? []).map((path) => join(inside.root, path)),
    limits: {
      timeoutMs: timeoutMs ?? gate.timeoutSeconds * 1000,
      memoryMb: gate.memoryMb,
      maxProcesses: gate.maxProcesses,
      maxOutputBytes: gate.maxOutputMb * 1024 * 1024,
      maxFileBytes,
      maxWrittenBytes,
    },
  };
}

function environmentOf(room: GateRoom, gate: GateConfig, root: string): Record<string, string> {
  const bins = [join(root, gate.cwd, 'node_modules/.bin'), join(root, 'node_modules/.bin')];
  return {
    PATH: [room.toolchain.path, ...new Set(bins)].join(':'),
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    CI: 'true',
    NO_COLOR: '1',
    npm_config_update_notifier: 'false',
    npm_config_offline: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
    // The Go that is installed, and the modules that are vendored: there is no network to fetch others.
    GOENV: 'off',
    GOPROXY: 'off',
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    ...gate.env,
  };
}

/** Formats whose report the command is told to write into a pipe, by `{report}` or `{report:format}`. */
function pipedFormats(gate: GateConfig): readonly ReportFormat[] {
  return gate.reports
    .filter(({ format }, index) =>
      gate.command.some(
        (argument) => argument.includes(`{report:${format}}`) || (index === 0 && argument.includes('{report}')),
      ),
    )
    .map(({ format }) => format);
}

function fillIn(argument: string, gate: GateConfig, pipesRoot: string): string {
  let filled = argument;
  gate.reports.forEach(({ format }, index) => {
    filled = filled.replaceAll(`{report:${format}}`, join(pipesRoot, reportName(format)));
    if (index === 0) filled = filled.replaceAll('{report}', join(pipesRoot, reportName(format)));
  });
  return filled;
}

const endings: Readonly<Record<ReportFormat, string>> = {
  junit: 'junit.xml',
  ctrf: 'ctrf.json',
  lcov: 'lcov.info',
  istanbul: 'coverage-final.json',
  cobertura: 'cobertura.xml',
  mutation: 'mutation.json',
  sarif: 'report.sarif',
};

function reportName(format: ReportFormat): string {
  return endings[format];
}

function tailOf(stdout: Uint8Array, stderr: Uint8Array): string {
  const both = [stderr, stdout]
    .map((bytes) => Buffer.from(bytes).toString('utf8').trim())
    .filter((text) => text !== '');
  return both.map((text) => text.slice(-1500)).join('\n');
}
