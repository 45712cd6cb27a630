import type { TestCase, TestReport } from '../report.js';
import type { PlantedTripwire } from './tripwire.js';

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
  /** Modules that threw when they were imported, with what they threw. */
  readonly notLoaded: readonly string[];
}

/**
 * Reads the planted tests out of a report. None planted: the stand-in is missing, and so the run is not alive. Cases
 * that a runner makes of the planted file itself (node:test names a failed file) are taken out with them.
 */
export function readTripwires(report: TestReport, planted: readonly PlantedTripwire[]): TripwireReading {
  const titles = new Set(planted.flatMap((tripwire) => tripwire.tests.map((test) => test.title)));
  const isPlanted = (test: TestCase): boolean =>
    titles.has(test.title) || planted.some((wire) => namesFile(test, wire));
  const others = report.tests.filter((test) => !isPlanted(test));
  const found = report.tests.filter(isPlanted);
  const standIn = { name: planted[0]?.tests[0]?.title ?? 'tripwire', nonce: planted[0]?.tests[0]?.nonce ?? 'none' };
  const reported = planted.filter((tripwire) => isReported(tripwire, found));
  const whole = planted.length > 0 && reported.length === planted.length;
  const stand = (outcome: TestCase['outcome'], message: string): TestCase => ({
    id: standIn.name,
    title: standIn.name,
    outcome,
    message,
    file: null,
  });
  const passed = found.some((test) => titles.has(test.title) && test.outcome === 'passed');
  const tests = passed ? [stand('passed', '')] : whole ? [stand('failed', standIn.nonce)] : [];
  return { report: { tests: [...others, ...tests] }, standIn, reported, notLoaded: notLoadedIn(found) };
}

function isReported(tripwire: PlantedTripwire, found: readonly TestCase[]): boolean {
  return tripwire.tests.every((test) => {
    const cases = found.filter((one) => one.title === test.title);
    const [only] = cases;
    return cases.length === 1 && only?.outcome === 'failed' && only.message?.includes(test.nonce) === true;
  });
}

function namesFile(test: TestCase, tripwire: PlantedTripwire): boolean {
  const name = tripwire.path.slice(tripwire.path.lastIndexOf('/') + 1);
  return test.title.endsWith(name) || test.file === tripwire.path;
}

function notLoadedIn(found: readonly TestCase[]): readonly string[] {
  const all = found.flatMap((test) => /not loaded: ([^\n]*)/.exec(test.message ?? '')?.[1]?.split('; ') ?? []);
  return [...new Set(all)].sort();
}
