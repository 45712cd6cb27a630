import type { Stages } from '../stages.js';
import { learnTask } from '../../routing/learn-task.js';
import { admitTask } from './admit-task.js';
import { chooseWorker, startWork } from './choose-worker.js';
import { divideTask } from './divide-task.js';
import { examineCandidate, judgeCandidate } from './examine-candidate.js';
import { recordTaskVerdict } from './record-verdict.js';
import { reviewTask } from './review-task.js';
import type { TaskWorld } from './task-world.js';
import { workOnCandidate } from './work-on-candidate.js';

/** The stages that do real work. */
export function createStages(world: TaskWorld): Stages {
  return {
    admit: (task, context) => admitTask(world, task, context),
    decompose: (task, context) => divideTask(world, task, context),
    route: (task, context) => chooseWorker(world, task, context),
    review: (task) => reviewTask(world, task),
    startWork: (task) => startWork(task, world.ports.clock.nowMs()),
    work: (task, candidate, happened, context) => workOnCandidate(world, task, candidate, happened, context),
    examine: (task, candidate, context) => examineCandidate(world, task, candidate, context),
    judge: (task, candidate, context) => judgeCandidate(world, task, candidate, context),
    learn: async (task) => void (await learnTask(world, task)),
    record: (task, context) => recordTaskVerdict(world, task, context),
  };
}
