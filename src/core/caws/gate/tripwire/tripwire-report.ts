import type { TestCase, TestReport } from '../report.js';
import type { PlantedTripwire } from './tripwire.js';
import { isSameClass } from './tripwire-place.js';

/** The one test that stands for all planted ones, as the judgement of tests takes it. */
export interface StandIn {
  readonly name: string;
  readonly nonce: string;
}

/** What became of the tripwires of a run. */
export interface TripwireReading {
  /** The report with all planted tests replaced by one: failed with its nonce only when each of them did. */
  readonly report: TestReport;
  readonly standIn: StandIn;
  /** Tripwires all of whose tests failed with their own nonce. */
  readonly reported: readonly PlantedTripwire[];
  /** Each required tripwire failed in all its tests and none passed. */
  readonly alive: boolean;
  /** Modules that threw when they were imported, with what they threw. */
  readonly notLoaded: readonly string[];
}

/**
 * Reads the planted tests out of a report; those of `required` must all have failed as planted. None required: the stand-in is missing, and so the run is not alive. Cases
 * that a runner makes of the planted file itself (node:test names a failed file) are taken out with them.
 */
export function readTripwires(
  report: TestReport,
  planted: readonly PlantedTripwire[],
  required: readonly PlantedTripwire[] = planted,
): TripwireReading {
  const titles = new Set(planted.flatMap((tripwire) => tripwire.tests.map((test) => test.title)));
  const isPlanted = (test: TestCase): boolean =>
    titles.has(test.title) || planted.some((wire) => namesFile(test, wire));
  const others = report.tests.filter((test) => !isPlanted(test));
  const found = report.tests.filter(isPlanted);
  const reported = planted.filter((tripwire) => isReported(tripwire, found));
  const whole = required.length > 0 && required.every((tripwire) => reported.includes(tripwire));
  const passed = found.some((test) => titles.has(test.title) && test.outcome === 'passed');
  const standIn = standInOf(required);
  const outcome = passed ? 'passed' : whole ? 'failed' : null;
  const tests = outcome === null ? [] : [caseOf(standIn, outcome)];
  return {
    report: { tests: [...others, ...tests] },
    standIn,
    reported,
    alive: whole && !passed,
    notLoaded: notLoadedIn(found, planted),
  };
}

/**
 * The tripwires that must be reported where no run on a base has shown which files the runner looks into: those named
 * like a file of our own that was reported. None was reported: all.
 */
export function requiredWhereUnknown(
  report: TestReport,
  planted: readonly PlantedTripwire[],
): readonly PlantedTripwire[] {
  const { reported } = readTripwires(report, planted);
  const live = reported.map(({ place }) => place).filter(({ file }) => file === null);
  const required = planted.filter(({ place }) => live.some((one) => isSameClass(one, place)));
  return required.length === 0 ? planted : required;
}

function standInOf(required: readonly PlantedTripwire[]): StandIn {
  const [first] = required[0]?.tests ?? [];
  return { name: first?.title ?? 'tripwire', nonce: first?.nonce ?? 'none' };
}

function caseOf({ name, nonce }: StandIn, outcome: 'passed' | 'failed'): TestCase {
  return { id: name, title: name, outcome, message: outcome === 'failed' ? nonce : null, file: null };
}

function isReported(tripwire: PlantedTripwire, found: readonly TestCase[]): boolean {
  return tripwire.tests.every((test) => {
    const cases = found.filter((one) => one.title === test.title);
    const [only] = cases;
    return cases.length === 1 && only?.outcome === 'failed' && only.message?.includes(test.nonce) === true;
  });
}

function namesFile(test: TestCase, tripwire: PlantedTripwire): boolean {
  if (tripwire.place.file !== null) return false;
  const name = tripwire.path.slice(tripwire.path.lastIndexOf('/') + 1);
  return test.title.endsWith(name) || test.file === tripwire.path;
}

/** Told by the tests that plainly throw: an assertion library may shorten what it compares. */
function notLoadedIn(found: readonly TestCase[], planted: readonly PlantedTripwire[]): readonly string[] {
  const telling = new Set(
    planted.flatMap(({ tests }) => tests.filter(({ way }) => way === 'throw')).map(({ title }) => title),
  );
  const messages = found.filter(({ title }) => telling.has(title)).map(({ message }) => message ?? '');
  const all = messages.flatMap((message) => /not loaded: ([^\n]*)/.exec(message)?.[1]?.split('; ') ?? []);
  return [...new Set(all)].sort();
}
