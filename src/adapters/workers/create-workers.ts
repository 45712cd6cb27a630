import { access } from 'node:fs/promises';
import type { Git } from '../../ports/git.js';
import type { Sandbox } from '../../ports/sandbox.js';
import type { LeaseStore } from '../../ports/task-store.js';
import type { Workers } from '../../ports/worker.js';
import { createReplayWorker } from './replay/replay-worker.js';

export interface WorkersOptions {
  readonly leases: LeaseStore;
  readonly git: Git;
  readonly sandboxes: { readonly bubblewrap: Sandbox; readonly none: Sandbox };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Workers of every kind, behind one port. */
export function createWorkers(_options: WorkersOptions): Workers {
  return {
    workerOf: (agent) => createReplayWorker(agent),
    async lacks(agent) {
      return (await access(agent.file ?? '').then(
        () => true,
        () => false,
      ))
        ? null
        : `lacks its recording: ${agent.file ?? ''}`;
    },
    findInstalled: async () => [],
    suggest: () => null,
    reap: async () => 0,
  };
}
