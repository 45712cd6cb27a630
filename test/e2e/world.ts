import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationContext } from '../../src/app/operation.js';
import { demoSpec, productFiles } from '../../src/app/demo/demo-files.js';
import { init } from '../../src/app/init/init.js';
import type { Ports } from '../../src/ports/ports.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { createPorts } from '../../src/wiring.js';

/** A machine of its own: real adapters, with keys, pins and caches in a temporary home. */
export interface World {
  readonly ports: Ports;
  readonly home: string;
  readonly context: OperationContext;
  /** Stages and notes that were told so far. */
  readonly told: string[];
  repository(files: Readonly<Record<string, string>>): Promise<ScratchRepository & { readonly base: string }>;
  close(): Promise<void>;
}

export function createWorld(environment: Readonly<Record<string, string>> = {}): World {
  const home = mkdtempSync(join(tmpdir(), 'arbiter-e2e-'));
  const ports = createPorts({ HOME: home, ...environment }, '0.0.0-test');
  const told: string[] = [];
  const repositories: ScratchRepository[] = [];
  return {
    ports,
    home,
    told,
    context: {
      progress: { stage: (name) => void told.push(name), note: (text) => void told.push(text) },
      signal: new AbortController().signal,
    },
    async repository(files) {
      const repository = await ports.scratch.createRepository('e2e');
      repositories.push(repository);
      const base = await repository.commit('base', files);
      return { ...repository, base };
    },
    async close() {
      for (const repository of repositories) await repository.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A configuration with two quick gates and no sandbox, for tests that are not about gates. */
export const quickConfig = `version: 1
sandbox: none
gates:
  tests:
    kind: tests
    command: ["node", "--test", "--test-reporter=junit", "--test-reporter-destination={report:junit}"]
    reports: [{ format: junit }]
  coverage:
    kind: coverage
    command: ["node", "--test", "--experimental-test-coverage", "--test-reporter=lcov", "--test-reporter-destination={report:lcov}"]
    reports: [{ format: lcov }]
`;

export const product = productFiles;

/** The product under CAWS with keys made by `arbiter init`, all of it committed. */
export async function governed(
  world: World,
  more: Readonly<Record<string, string>> = {},
): Promise<ScratchRepository & { readonly base: string }> {
  const repository = await world.repository(product);
  await init.run(world.ports, { repository: repository.directory }, world.context);
  const base = await repository.commit('govern', {
    '.caws/arbiter.yaml': quickConfig,
    '.caws/specs/POST-001.yaml': demoSpec,
    ...more,
  });
  return { ...repository, base };
}
