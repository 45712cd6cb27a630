import { z } from 'zod';
import type { DataPointOf } from '../../core/learning/data-point.js';
import type { Outcome } from '../../core/learning/outcome.js';
import { type TrackReport, reportOn, trackReportSchema } from '../../core/learning/report.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { openTracker } from './open-tracker.js';
import { timeSchema, toFilter } from './time-filter.js';

const inputSchema = z.strictObject({ ...timeSchema });

export type TrackReportInput = z.infer<typeof inputSchema>;

export const trackReport: Operation<TrackReportInput, TrackReport> = {
  name: 'track report',
  summary: 'report plan success, first-step success and unplanned fallback apart, and how each agent fares',
  role: 'anyone',
  input: inputSchema,
  output: trackReportSchema,
  run: (ports, input, { signal, progress }) =>
    useRuntime(ports, signal, async (runtime) => {
      const filter = toFilter(input);
      await openTracker(ports, runtime, { trouble: (text) => progress.note(text), signal }).catchUp(0, signal);
      const ends: DataPointOf<'end'>[] = [];
      for await (const page of runtime.points.read({ ...filter, kinds: ['end'] })) {
        ends.push(...page.filter((point): point is DataPointOf<'end'> => point.kind === 'end'));
      }
      const outcomes: Outcome[] = [];
      for await (const page of runtime.points.readOutcomes(filter)) outcomes.push(...page);
      return reportOn(ends, outcomes);
    }),
};
