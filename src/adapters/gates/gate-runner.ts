import { findingOf } from '../../core/caws/finding.js';
import { type Fault, isFault } from '../../core/fault.js';
import type { GateOutcome } from '../../core/caws/gate/gate-outcome.js';
import { aliveRules } from '../../core/caws/gate/tripwire/alive-rules.js';
import type { Clock } from '../../ports/clock.js';
import type { GateRun, GateRunner } from '../../ports/gate-runner.js';
import type { Sandbox } from '../../ports/sandbox.js';
import type { Syntax } from '../../ports/syntax.js';
import { killAbandonedProcesses } from '../sandbox/abandoned-processes.js';
import { checkGates } from './check-gates.js';
import { defaultCacheFolder } from './dependencies.js';
import type { CoverageShelf, Deliberation, NamedGate } from './deliberation.js';
import { notRunOutcome } from './gate-outcome.js';
import { scriptsOf } from './manifests.js';
import { runMutants } from './mutants-gate.js';
import { openRoom, type OpenRoom } from './open-room.js';
import { runPlainGate } from './plain-gate.js';
import { removeAbandonedFolders } from '../sandbox/temp-folder.js';
import { runTestsGate } from './tests-gate.js';

export interface GateRunnerPorts {
  readonly sandboxes: { readonly bubblewrap: Sandbox; readonly none: Sandbox };
  readonly clock: Clock;
  readonly syntax: Syntax;
  /** Where packages and base runs are kept; `$XDG_CACHE_HOME/arbiter` when absent. */
  readonly cacheFolder?: string;
}

/**
 * Runs gates as the constitution's §4 asks. The first use clears away what killed Arbiter processes left behind.
 * @see docs/gates.md
 */
export function createGateRunner(ports: GateRunnerPorts): GateRunner {
  const roomPorts = { ...ports, cacheFolder: ports.cacheFolder ?? defaultCacheFolder() };
  let swept: Promise<unknown> | null = null;
  const sweep = (): Promise<unknown> => {
    killAbandonedProcesses();
    return removeAbandonedFolders();
  };
  return {
    async run(run) {
      await (swept ??= sweep());
      const gates = namedGates(run);
      if (gates.length === 0) return [];
      const probe = await ports.sandboxes[run.config.sandbox].probe();
      if (!probe.available) return gates.map((named) => notRunOutcome(named, probe.detail, probe.detail));
      const dependenciesAdmitted = (run.config.admissions[run.spec.id]?.dependencies ?? []).length > 0;
      const open = await openOrReason(roomPorts, { ...run, base: run.change.base, dependenciesAdmitted });
      if (isFault(open)) return gates.map((named) => notRunOutcome(named, open.message, open.mend));
      try {
        return await deliberate(run, gates, open, roomPorts);
      } finally {
        await open.close();
      }
    },
    async check(request) {
      await (swept ??= sweep());
      return checkGates(roomPorts, request);
    },
  };
}

/** A tree that this machine cannot hold (a name too long, a link to nowhere) is a gate not run, not a missing verdict. */
async function openOrReason(...asked: Parameters<typeof openRoom>): Promise<OpenRoom | Fault> {
  try {
    return await openRoom(...asked);
  } catch (error) {
    const [, { signal }] = asked;
    if (signal?.aborted === true || !isFault(error)) throw error;
    if (error.code === 'GIT_FAILED' || error.code === 'GIT_TIMEOUT' || error.code === 'CHECKOUT_FAILED') return error;
    throw error;
  }
}

function namedGates(run: Pick<GateRun, 'config'>): readonly NamedGate[] {
  return Object.entries(run.config.gates).map(([name, gate]) => ({ name, gate }));
}

async function deliberate(
  run: GateRun,
  gates: readonly NamedGate[],
  open: OpenRoom,
  ports: { readonly syntax: Syntax; readonly cacheFolder: string },
): Promise<readonly GateOutcome[]> {
  const { room, putBack } = open;
  const missing = [room.dependencies.base, room.dependencies.candidate].find(({ state }) => state === 'failed');
  if (missing?.state === 'failed') return gates.map((named) => notRunOutcome(named, missing.reason));
  const deliberation: Deliberation = {
    room,
    change: run.change,
    spec: run.spec,
    policy: run.policy,
    facts: run.facts,
    basePaths: open.baseFiles.map(({ path }) => path),
    candidatePaths: open.candidateFiles.map(({ path }) => path),
    scripts: scriptsOf(open.manifests.files.get('package.json') ?? null),
    cacheFolder: ports.cacheFolder,
  };
  const shelf: CoverageShelf = new Map();
  const pending: (() => GateOutcome)[] = [];
  for (const named of gates) {
    run.progress.note(`gate ${named.name}`);
    const runOne = named.gate.kind === 'tests' ? runTestsGate : runPlainGate;
    pending.push(await orError(room, named, () => runOne(deliberation, named, shelf)));
  }
  const outcomes = pending.map((judge) => judge());
  const tests = gates.find(({ gate, name }) => gate.kind === 'tests' && isGreen(outcomes, name));
  const mutants = tests === undefined ? null : await runMutants(deliberation, tests, ports.syntax);
  return notePutBack([...outcomes, ...(mutants === null ? [] : [mutants])], putBack);
}

/** A candidate that leaves a gate no folder to run in has failed it; it must not keep the Arbiter from judging. */
async function orError(
  room: OpenRoom['room'],
  named: NamedGate,
  runOne: () => Promise<() => GateOutcome>,
): Promise<() => GateOutcome> {
  try {
    return await runOne();
  } catch (error) {
    if (!isFault(error, 'SANDBOX_FAILED') && !isFault(error, 'CHECKOUT_FAILED')) throw error;
    return () => ({ ...notRunOutcome(named, error.message, error.mend), outcome: 'error', sandbox: room.sandboxName });
  }
}

// Mutants of a red or dead run prove nothing: everything would seem to notice them.
function isGreen(outcomes: readonly GateOutcome[], name: string): boolean {
  const outcome = outcomes.find((one) => one.name === name);
  return outcome?.outcome !== 'error' && outcome?.findings.every(({ severity }) => severity !== 'block') === true;
}

function notePutBack(outcomes: readonly GateOutcome[], putBack: readonly string[]): readonly GateOutcome[] {
  const [first, ...rest] = outcomes;
  if (first === undefined || putBack.length === 0) return outcomes;
  const finding = findingOf(aliveRules.restored, `gates ran with the base's own version of ${putBack.join(', ')}`);
  return [{ ...first, findings: [...first.findings, finding] }, ...rest];
}
