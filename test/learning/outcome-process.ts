// One of several processes that learn of the same stories. usage: outcome-process.ts URL APP_URL learn|late|track, and a JSON
// array of task ids (late: of outcomes) on standard input, with which it begins
import { learnLate } from '../../src/app/routing/learn-late.js';
import { learnTask } from '../../src/app/routing/learn-task.js';
import type { Outcome } from '../../src/core/learning/outcome.js';
import { openTestStores } from '../store/stores.js';
import { openLearner } from './routed-story.js';

/** What it does with what it is given. */
export type Job = 'learn' | 'late' | 'track';

const [ownerUrl = '', appUrl = '', job] = process.argv.slice(2);
const { database, world, tracker, signal } = await openLearner(await openTestStores({ ownerUrl, appUrl }));
process.stdout.write('ready\n');
let text = '';
for await (const part of process.stdin) text += String(part);
const given = JSON.parse(text) as unknown[];
for (const one of given) {
  if (job === 'late') {
    await database.points.takeLate([one as Outcome], Date.now());
    await learnLate(world, signal);
  } else if (job === 'learn') {
    const { task } = await database.tasks.read(String(one));
    await learnTask(world, task);
  } else {
    await tracker.follow(String(one));
  }
  process.stdout.write('.\n');
}
await tracker.flush();
await database.close();
