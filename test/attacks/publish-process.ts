import process from 'node:process';
import { publish } from '../../src/app/adjudicate/publish/publish.js';
import type { Git, LandingStep } from '../../src/ports/git.js';
import { createPorts } from '../../src/wiring.js';

// A publisher that is killed (SIGKILL, by its own hand, so that the step is exact) when it has reached a step.
const [repository = '', target = '', mode = '', step = ''] = process.argv.slice(2);
const ports = createPorts(process.env, '0.0.0-test');

async function dieAt(reached: LandingStep): Promise<void> {
  if (reached !== step) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing may be done in it.
  await new Promise(() => setInterval(() => undefined, 1000));
}

const git: Git = {
  async open(...asked) {
    const session = await ports.git.open(...asked);
    return { ...session, landCommit: (landing) => session.landCommit({ ...landing, onStep: dieAt }) };
  },
};
const context = {
  progress: { stage: () => undefined, note: () => undefined },
  signal: new AbortController().signal,
};
const input = publish.input.parse({ repository, target, mode });
const done = await publish.run({ ...ports, git }, input, context);
process.stdout.write(`${JSON.stringify(done)}\n`);
