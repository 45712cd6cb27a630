import { z } from 'zod';
import { digestBytes, encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { DataPoint } from '../../core/learning/data-point.js';
import { type DataCard, dataCardSchema, describePoints, renderDataCard } from '../../core/learning/data-card.js';
import { missingOf } from '../../core/learning/outcome-of-execution.js';
import { type Outcome, outcomeKey } from '../../core/learning/outcome.js';
import type { PointStore } from '../../ports/point-store.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { openTracker } from './open-tracker.js';
import { pointColumns } from './point-columns.js';
import { timeSchema, toFilter } from './time-filter.js';

export type ExportPointsFaultCode = 'EXPORT_TOO_LARGE';

const inputSchema = z.strictObject({
  file: z.string().min(1),
  format: z.enum(['jsonl', 'parquet']),
  ...timeSchema,
});
export type TrackExportInput = z.infer<typeof inputSchema>;

/** Held in memory while they are written. */
const mostPoints = 1_000_000;

export const trackExport: Operation<TrackExportInput, DataCard> = {
  name: 'track export',
  summary: 'write data points for training into a new file, with a data card beside it',
  role: 'anyone',
  input: inputSchema,
  output: dataCardSchema,
  run: (ports, input, { signal, progress }) =>
    useRuntime(ports, signal, async (runtime) => {
      await openTracker(ports, runtime, { trouble: (text) => progress.note(text), signal }).catchUp(0, signal);
      const points = await readAll(runtime.points, toFilter(input));
      const bytes =
        input.format === 'parquet' ? await ports.writeParquet(pointColumns(points)) : encodeUtf8(jsonLines(points));
      const card = describePoints(points, {
        file: input.file.replace(/^.*[/\\]/, ''),
        format: input.format,
        sha256: digestBytes(bytes),
        bytes: bytes.length,
        atMs: ports.clock.nowMs(),
        arbiter: ports.engine.arbiter,
      });
      await ports.files.writeNewFile(input.file, bytes);
      await ports.files.writeNewFile(`${input.file}.card.md`, encodeUtf8(renderDataCard(card)));
      return card;
    }),
};

/** Each execution has one outcome, in the place of its first, as the newest word has it. */
async function readAll(store: PointStore, filter: ReturnType<typeof toFilter>): Promise<readonly DataPoint[]> {
  const newest = new Map<string, Outcome>();
  for await (const page of store.readOutcomes(filter)) for (const one of page) newest.set(outcomeKey(one), one);
  const points: DataPoint[] = [];
  const seen = new Set<string>();
  for await (const page of store.read(filter)) {
    for (const point of page) {
      if (point.kind !== 'outcome') points.push(point);
      else if (!seen.has(outcomeKey(point.outcome))) {
        seen.add(outcomeKey(point.outcome));
        const outcome = newest.get(outcomeKey(point.outcome)) ?? point.outcome;
        points.push({ ...point, outcome, missing: missingOf(outcome) });
      }
    }
    if (points.length > mostPoints) {
      throw new Fault<ExportPointsFaultCode>('EXPORT_TOO_LARGE', `there are more than ${mostPoints} data points`, {
        mend: 'export a stretch of time at a time: --since and --until',
      });
    }
  }
  return points;
}

function jsonLines(points: readonly DataPoint[]): string {
  return points.map((point) => `${JSON.stringify(point)}\n`).join('');
}
