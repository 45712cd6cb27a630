import { describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import { createMemoryTasks } from '../../src/adapters/memory/memory-tasks.js';
import { readCourse } from '../../src/app/tasks/stages/read-course.js';
import type { TaskWorld } from '../../src/app/tasks/stages/task-world.js';
import { type Candidate, newTask, requestSchema } from '../../src/core/tasks/task.js';
import type { TaskEvent } from '../../src/core/tasks/task-event.js';

const id = '01J00000000000000000000000';
const hex = (digit: string): string => digit.repeat(64);
const request = requestSchema.parse({
  words: 'do it',
  repository: '/r',
  spec: null,
  base: null,
  agents: [],
  candidates: 2,
  bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 1 },
  priority: 1,
  deadline_ms: null,
  dedup_key: null,
  refinements: 0,
  key: null,
});
const pleaded: Candidate = {
  agent: 'a',
  chunks: [],
  plan: null,
  plea: { sha256: hex('1'), patch: hex('2') },
  failure: null,
  examined: 'clean',
  verdict: null,
};
const reached = (sha256: string): TaskEvent => ({
  type: 'verdict-reached',
  at_ms: 2,
  candidate: 0,
  verdict_id: id,
  outcome: 'FAIL',
  sha256,
  findings: hex('3'),
  headline: 'FAIL',
  mendable: true,
  cost: 1,
});

describe('the course of a task', () => {
  it('is its last verdict, its candidates that pleaded, and the size of the log', async () => {
    const [tasks, ledger] = [createMemoryTasks(), createMemoryLedger()];
    const world = { tasks, ledger } as unknown as TaskWorld;
    const one = { ...newTask(id, request, 1), candidates: [pleaded, { ...pleaded, plea: null }] };
    await tasks.create(one, { type: 'task-submitted', at_ms: 1 }, { maxOpen: 10 });
    expect(await readCourse(world, one, 0)).toEqual({ judge: null, previousSha256: null, logSize: 0 });

    await tasks.append(id, 1, [reached(hex('4')), reached(hex('5'))], one, 'test');
    await ledger.append([{ key: 'k', draft: { apiVersion: '1.0.0', kind: 'note', spec: {} } }]);
    const two = { ...one, candidates: [pleaded, pleaded] };
    expect(await readCourse(world, two, 1)).toEqual({
      judge: { candidates: 2, candidate: 1 },
      previousSha256: hex('5'),
      logSize: 1,
    });
  });
});
