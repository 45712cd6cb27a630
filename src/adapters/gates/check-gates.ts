import { brokenText, canaryFiles, untestedFunction } from '../../core/caws/gate/canary.js';
import { judgeCoverage } from '../../core/caws/gate/judge-coverage.js';
import { detectTestCommand } from '../../core/caws/gate/test-framework.js';
import { hexOf } from '../../core/caws/gate/tripwire/tripwire-name.js';
import { defaultPolicy } from '../../core/caws/policy.js';
import { tripwirePlaces } from '../../core/caws/gate/tripwire/tripwire-place.js';
import type { GateRunner } from '../../ports/gate-runner.js';
import { testPathsOf } from './changed-files.js';
import type { NamedGate } from './deliberation.js';
import { openRoom, type OpenRoom, type RoomPorts } from './open-room.js';
import { scriptsOf } from './manifests.js';
import { endedWords, readReport, saidOf } from './read-reports.js';
import { type GateProcess, runGate } from './run-gate.js';
import { runTests } from './test-run.js';
import { readInside } from './untrusted-tree.js';

type CheckRequest = Parameters<GateRunner['check']>[0];
type GateCheck = Awaited<ReturnType<GateRunner['check']>>[number];

const maxSourceBytes = 4 * 1024 * 1024;

/** Plants a known-bad change for each gate into the base and asks for red. What cannot be planted is said so. */
export async function checkGates(ports: RoomPorts, request: CheckRequest): Promise<readonly GateCheck[]> {
  const gates = Object.entries(request.config.gates).map(([name, gate]): NamedGate => ({ name, gate }));
  const probe = await ports.sandboxes[request.config.sandbox].probe();
  if (!probe.available) return gates.map(({ name }) => ({ name, life: 'dead', detail: probe.detail }));
  const open = await openRoom(ports, { ...request, change: null, dependenciesAdmitted: false });
  try {
    const { base } = open.room.dependencies;
    const checks: GateCheck[] = [];
    for (const named of gates) {
      request.progress.note(`checking gate ${named.name}`);
      const verdict = base.state === 'failed' ? dead(base.reason) : await checkOne(open, named);
      checks.push({ name: named.name, ...verdict });
    }
    return checks;
  } finally {
    await open.close();
  }
}

type Life = Omit<GateCheck, 'name'>;

const dead = (detail: string): Life => ({ life: 'dead', detail });
const alive = (detail: string): Life => ({ life: 'alive', detail });
const unchecked = (detail: string): Life => ({ life: 'unchecked', detail });

async function checkOne(open: OpenRoom, named: NamedGate): Promise<Life> {
  switch (named.gate.kind) {
    case 'tests':
      return checkTests(open, named);
    case 'build':
    case 'lint':
      return checkBroken(open, named);
    case 'coverage':
      return checkCoverage(open, named);
    default:
      return checkLoosely(open, named);
  }
}

async function checkTests({ room, baseFiles, manifests }: OpenRoom, { gate }: NamedGate): Promise<Life> {
  const command = detectTestCommand(gate.command, scriptsOf(manifests.files.get('package.json') ?? null));
  if (command === null) return dead('the command is no test runner into which a failing test can be planted');
  const { framework } = command;
  const places = tripwirePlaces(
    framework,
    testPathsOf(
      gate,
      baseFiles.map(({ path }) => path),
    ),
  );
  if (places.length === 0) return dead('the base has no test file beside which a failing test could be planted');
  const result = await runTests(room, { gate, framework, side: 'base', overlay: new Map(), places, modules: [] });
  if (result.problem !== null) return dead(result.problem);
  const [first] = result.livePlaces;
  if (first === undefined) return dead('a planted failing test was not reported as failed');
  if (result.run.exit === 0) return dead('a planted failing test was reported, and the command ended with 0');
  return alive(`a failing test planted in ${first.folder === '' ? 'the top folder' : first.folder} was reported`);
}

/** No change is bad for every gate of the other kinds; but one that refuses broken source is seen to be alive. */
async function checkLoosely(open: OpenRoom, named: NamedGate): Promise<Life> {
  const broken = await checkBroken(open, named);
  if (broken.life === 'alive' || broken.detail.startsWith(redBase)) return broken;
  return unchecked(`Arbiter knows no change that every ${named.gate.kind} gate must refuse; ${broken.detail}`);
}

const redBase = 'red on the untouched base';

async function checkBroken({ room, baseFiles }: OpenRoom, { gate }: NamedGate): Promise<Life> {
  const clean = await runGate(room, { gate, side: 'base', overlay: new Map() });
  if (!isGreen(clean)) return dead(`${redBase}, so red shows nothing: ${endedWords(clean)}${saidOf(clean)}`);
  const files = canaryFiles(baseFiles.map(({ path }) => path));
  for (const path of files) {
    const source = await readInside(room.pristine.base, path, maxSourceBytes);
    if (source.bytes === null) continue;
    const overlay = new Map([[path, Buffer.concat([source.bytes, Buffer.from(brokenText)])]]);
    const process = await runGate(room, { gate, side: 'base', overlay });
    if (process.ended === 'exited' && process.exit !== 0) return alive(`a syntax error in ${path} turned it red`);
  }
  if (files.length === 0) return unchecked('the base has no source file in a language that Arbiter knows');
  return dead(`a syntax error in ${files.join(', in ')} left it green`);
}

async function checkCoverage({ room, baseFiles }: OpenRoom, { gate }: NamedGate): Promise<Life> {
  const clean = await runGate(room, { gate, side: 'base', overlay: new Map() });
  const known = readReport(clean, 'coverage');
  if (known.report === null) return dead(`the base gives no coverage report: ${known.problem}`);
  const covered = new Set(known.report.files.map(({ path }) => path));
  const path = canaryFiles(baseFiles.map((file) => file.path).filter((one) => covered.has(one)))[0];
  const name = `arbiterCanary${hexOf(room.clock.randomBytes(4))}`;
  const text = path === undefined ? null : untestedFunction(path, name);
  if (path === undefined || text === null)
    return unchecked('there is no covered file in JavaScript, TypeScript or Python');
  const source = await readInside(room.pristine.base, path, maxSourceBytes);
  if (source.bytes === null) return dead(source.problem);
  const planted = Buffer.concat([source.bytes, Buffer.from(text)]);
  const process = await runGate(room, { gate, side: 'base', overlay: new Map([[path, planted]]) });
  const { report, problem } = readReport(process, 'coverage');
  if (report === null) return dead(problem);
  const from = lineCount(source.bytes) + 1;
  const lines = Array.from({ length: lineCount(planted) - from }, (_, index) => from + index);
  const judgement = judgeCoverage({
    report,
    others: [],
    changed: [{ path, lines }],
    tier: 3,
    policy: defaultPolicy,
  });
  const measured = judgement.metrics['changedCoverageBp'];
  const shown = `an untested function in ${path} is covered to ${(measured ?? 0) / 100} %`;
  return measured !== undefined && measured < 7000 ? alive(shown) : dead(shown);
}

function isGreen(process: GateProcess): boolean {
  return process.ended === 'exited' && process.exit === 0;
}

function lineCount(bytes: Uint8Array): number {
  return Buffer.from(bytes).toString('utf8').split('\n').length;
}
