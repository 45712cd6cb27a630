import { type Parts, runParts } from '../run-parts.js';
import { type Home, inHome } from '../tasks/home.js';
import type { Row } from '../tasks/row.js';
import { benchAppends } from './appends.js';
import { benchGrowth } from './growth.js';
import { benchPush } from './push.js';
import { benchRecord } from './record.js';

// usage: npm run bench:ledger [-- PART … --write]. Prints a table; --write also puts it into docs/bench-ledger.md, which
// takes all parts. A missed target is printed as missed and changes no exit code: a benchmark is no test.

type Runtime = Awaited<ReturnType<Home['open']>>;

const withStore = (bench: (home: Home, runtime: Runtime) => Promise<Row[]>) => (): Promise<Row[]> =>
  inHome(true, async (home) => {
    const runtime = await home.open();
    try {
      return await bench(home, runtime);
    } finally {
      await runtime.close();
    }
  });

const parts: Parts = {
  appends: withStore(benchAppends),
  record: withStore(benchRecord),
  growth: withStore(benchGrowth),
  push: benchPush,
};

await runParts(parts, {
  file: 'bench-ledger.md',
  intro: `# Benchmarks of the ledger

Made by \`npm run bench:ledger -- --write\`, from the compiled product on embedded PostgreSQL 18.4 with fsync on. Entries are
as long as a verdict's, about 630 bytes. Logs of a size are made by core's own sequencer and copied in by the owner of the
database; what is timed as an append is one. Beside a rate stands what other work took of the cores: while that was above
15 % appends were measured again, up to three times, and the quietest attempt is shown. How each figure is made stands in
the files under \`bench/ledger\`. Never timed tests.
`,
});
