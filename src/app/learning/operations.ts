import { trackExport } from './track-export.js';
import { trackOutcomes } from './track-outcomes.js';
import { trackReconcile } from './track-reconcile.js';
import { trackReport } from './track-report.js';
import { trackStatus } from './track-status.js';
import { trackTidy } from './track-tidy.js';

/** What is asked of data points. */
export const trackOperations = {
  'track status': trackStatus,
  'track report': trackReport,
  'track export': trackExport,
  'track outcomes': trackOutcomes,
  'track reconcile': trackReconcile,
  'track tidy': trackTidy,
} as const;
