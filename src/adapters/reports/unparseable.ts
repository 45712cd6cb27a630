import { Fault, type Place } from '../../core/fault.js';
import type { ReportFaultCode } from '../../core/caws/gate/report.js';

/** The one fault of this room: what was wrong with the report, and where. */
export function unparseable(format: string, problem: string, place?: Place, cause?: unknown): Fault<ReportFaultCode> {
  return new Fault('REPORT_UNPARSEABLE', `the ${format} report cannot be read: ${problem}`, {
    mend: `let the gate's command write one whole ${format} document to the path that {report} stands for`,
    ...(place === undefined ? {} : { place }),
    ...(cause === undefined ? {} : { cause }),
  });
}
