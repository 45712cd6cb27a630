import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';

// Writes bench/routing/data from the outcome matrices of ../shared: figures alone, no prompt and no answer, in the format
// of bench/routing/data/README.md. usage: tsx scripts/routing-data.ts

const shared = fileURLToPath(new URL('../../shared/data/routing/', import.meta.url));
const target = fileURLToPath(new URL('../bench/routing/data/', import.meta.url));

const cell = z.number().nullable();
const json = (name: string): unknown => JSON.parse(readFileSync(`${shared}${name}`, 'utf8'));
const lines = (name: string): unknown[] =>
  gunzipSync(readFileSync(`${shared}${name}`))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

interface Row {
  readonly id: string;
  readonly group: string;
  readonly r: readonly (number | null)[];
  readonly cost: readonly (number | null)[];
}

/** An arm: its name, or its name with the catalogue's price of its model, in dollars per million output tokens. */
type NamedArm = string | { readonly arm: string; readonly output_price: number };

function write(name: string, arms: readonly NamedArm[], rows: readonly Row[]): void {
  writeFileSync(`${target}${name}.arms.json`, `${JSON.stringify(arms, null, 1)}\n`);
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(`${target}${name}.jsonl.gz`, gzipSync(text, { level: 9 }));
  console.log(`${name}: ${rows.length} tasks, ${arms.length} arms`);
}

const openhandsArms = z
  .array(z.object({ arm: z.string(), output_price: z.number().positive() }))
  .parse(json('openhands_index_arms.json'));
const openhandsRow = z.object({ bench: z.string(), id: z.string(), r: z.array(cell), cost: z.array(cell) });
write(
  'openhands_index',
  openhandsArms,
  z
    .array(openhandsRow)
    .parse(lines('openhands_index.jsonl.gz'))
    // a row of totals that stands among the tasks
    .filter(({ id }) => id !== 'component_scores')
    // a cost of 0 there means that none was recorded
    .map(({ bench, id, r, cost }) => ({ id, group: bench, r, cost: cost.map((usd) => (usd === 0 ? null : usd)) })),
);

const agentsSchema = z.object({ agents: z.array(z.object({ agent: z.string() })) });
const verifiedRow = z.object({ instance_id: z.string(), repo: z.string(), bits: z.string().regex(/^[01]+$/) });
write(
  'swebench_verified',
  agentsSchema.parse(json('swebench_verified_agents.json')).agents.map(({ agent }) => agent),
  z
    .array(verifiedRow)
    .parse(lines('swebench_verified.jsonl.gz'))
    .map(({ instance_id: id, repo, bits }) => ({
      id,
      group: repo,
      r: Array.from(bits, Number),
      cost: Array.from(bits, () => null),
    })),
);

const graded = z.record(z.string(), z.number());
const paretoRow = z.object({ source: z.string(), reward: graded, cost: graded });
const pareto = z.array(paretoRow).parse(lines('paretobandit_k4.jsonl.gz'));
const models = Object.keys(pareto[0]?.reward ?? {});
write(
  'paretobandit_k4',
  models,
  pareto.map(({ source, reward, cost }, index) => ({
    id: `prompt-${index + 1}`,
    group: source,
    r: models.map((model) => reward[model] ?? null),
    cost: models.map((model) => Number((cost[model] ?? 0).toPrecision(5)) || null),
  })),
);
