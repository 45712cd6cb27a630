import type { GateConfig } from '../../core/caws/arbiter-config.js';
import type { TestRun } from '../../core/caws/gate/test-run.js';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import { readTripwires, requiredWhereUnknown } from '../../core/caws/gate/tripwire/tripwire-report.js';
import type { TripwirePlace } from '../../core/caws/gate/tripwire/tripwire-place.js';
import type { GateRoom, Overlay, Side } from './gate-room.js';
import { plantAll } from './plant.js';
import { readReport } from './read-reports.js';
import { type GateProcess, runGate } from './run-gate.js';

/** What to run: the tests of a side with tripwires at the places, which import the modules first. */
export interface TestTask {
  readonly gate: GateConfig;
  readonly framework: TestFramework;
  readonly side: Side;
  readonly overlay: Overlay;
  readonly places: readonly TripwirePlace[];
  readonly modules: readonly string[];
  /** True where no run on a base has shown at which places the runner finds tests. */
  readonly placesUnknown?: boolean;
}

/** A test run with its report read, or the reason why there is none to judge. */
export type TestResult =
  | {
      readonly process: GateProcess;
      readonly problem: null;
      readonly run: TestRun;
      /** Places whose tripwire was reported failed. */
      readonly livePlaces: readonly TripwirePlace[];
      /** All tripwires planted were reported. */
      readonly alive: boolean;
      readonly notLoaded: readonly string[];
    }
  | { readonly process: GateProcess; readonly problem: string };

/** Runs tests with tripwires in them. */
export async function runTests(room: GateRoom, task: TestTask): Promise<TestResult> {
  const planted = await plantAll(room, task);
  const overlay = new Map([...task.overlay, ...planted.map(({ path, source }) => [path, source] as const)]);
  const process = await runGate(room, {
    gate: withArguments(
      task,
      planted.filter(({ place }) => place.file === null),
    ),
    side: task.side,
    overlay,
  });
  const { report, problem } = readReport(process, 'tests');
  if (report === null) return { process, problem };
  const required = task.placesUnknown === true ? requiredWhereUnknown(report, planted) : planted;
  const reading = readTripwires(report, planted, required);
  return {
    process,
    problem: null,
    run: { report: reading.report, exit: exitOf(task.framework, process.exit), tripwire: reading.standIn },
    livePlaces: reading.reported.map(({ place }) => place),
    alive: reading.alive,
    notLoaded: reading.notLoaded,
  };
}

/** Mocha's exit code counts the failures, so it says no more than that there were some. */
function exitOf(framework: TestFramework, exit: number | null): number | null {
  return framework === 'mocha' && exit !== null && exit !== 0 ? 1 : exit;
}

/** A command that names test files one by one runs a planted one only when it names it too. */
function withArguments(task: TestTask, planted: readonly { readonly path: string }[]): GateConfig {
  const { gate } = task;
  const last = gate.command.at(-1) ?? '';
  const namesFile = /\.(?:[cm]?[jt]sx?|py)$/.test(last) && !last.startsWith('-') && !/[*?{]/.test(last);
  if (!namesFile || planted.length === 0) return gate;
  const up =
    gate.cwd === '.'
      ? ''
      : `${gate.cwd
          .split('/')
          .map(() => '..')
          .join('/')}/`;
  return { ...gate, command: [...gate.command, ...planted.map(({ path }) => `${up}${path}`)] };
}
