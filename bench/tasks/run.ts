import { type Parts, runParts } from '../run-parts.js';
import { benchDemo } from './demo.js';
import { benchDrain } from './drain.js';
import { benchLatency, benchTakeover } from './moments.js';
import { benchIdle, benchQueued } from './resting.js';
import { benchStore } from './store.js';
import { benchTrack } from './track.js';
import { benchWholeLoop } from './whole-loop.js';

// usage: npm run bench:tasks [-- PART … --write]. Prints a table; --write also puts it into docs/bench-tasks.md, which
// takes all parts. A missed target is printed as missed and changes no exit code: a benchmark is no test.

const parts: Parts = {
  demo: benchDemo,
  drain: benchDrain,
  loop: benchWholeLoop,
  latency: benchLatency,
  takeover: benchTakeover,
  idle: benchIdle,
  queued: benchQueued,
  store: benchStore,
  track: benchTrack,
};

await runParts(parts, {
  file: 'bench-tasks.md',
  intro: `# Benchmarks of tasks

Made by \`npm run bench:tasks -- --write\`, from the compiled product: real worker processes on embedded PostgreSQL 18.4,
with fsync on where nothing else is said. A rate counts from the word to begin to the end of the last task, by the events'
own times; of the whole loop and of git alone it is that of the last four fifths, after 60 tasks (30 loops a process of
git alone) that are not counted. Processor time is read from /proc, and beside it what other work took of the cores
meanwhile: while that was above 15 % a rate was measured again, up to three times, and the quietest attempt is shown. DBOS
alone is the SDK on the same server, by its own manual. How each figure is made stands in the files under \`bench/tasks\`.
Never timed tests.
`,
});
