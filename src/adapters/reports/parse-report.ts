import type { ReportFormat } from '../../core/caws/arbiter-config.js';
import { type ParsedReport, maxReportBytes } from '../../core/caws/gate/report.js';
import { parseCobertura } from './cobertura.js';
import { parseCtrf } from './ctrf.js';
import { parseIstanbul } from './istanbul.js';
import { parseJunit } from './junit.js';
import { parseLcov } from './lcov.js';
import { parseMutation } from './mutation.js';
import { parseSarif } from './sarif.js';
import { unparseable } from './unparseable.js';

const parsers: Readonly<Record<ReportFormat, (text: string, root: string) => ParsedReport>> = {
  junit: (text, root) => ({ kind: 'tests', report: parseJunit(text, root) }),
  ctrf: (text, root) => ({ kind: 'tests', report: parseCtrf(text, root) }),
  lcov: (text, root) => ({ kind: 'coverage', report: parseLcov(text, root) }),
  istanbul: (text, root) => ({ kind: 'coverage', report: parseIstanbul(text, root) }),
  cobertura: (text, root) => ({ kind: 'coverage', report: parseCobertura(text, root) }),
  mutation: (text, root) => ({ kind: 'mutation', report: parseMutation(text, root) }),
  sarif: (text, root) => ({ kind: 'issues', report: parseSarif(text, root) }),
};

/**
 * Reads a report's bytes. `root` is the absolute path of the checkout in which the gate ran: absolute paths below it
 * become relative to the repository. Empty, over 64 MiB, not UTF-8, NUL bytes, cut off or another format: refused.
 * @throws REPORT_UNPARSEABLE with line and column where they are known
 */
export function parseReport(format: ReportFormat, bytes: Uint8Array, options: { root: string }): ParsedReport {
  if (bytes.byteLength > maxReportBytes) {
    throw unparseable(format, `it has ${bytes.byteLength} bytes, more than the ${maxReportBytes} that are read`);
  }
  const zero = bytes.indexOf(0);
  if (zero !== -1) throw unparseable(format, `byte ${zero} is NUL`);
  const text = decodeUtf8(format, bytes);
  if (text.trim() === '') throw unparseable(format, 'it is empty');
  return parsers[format](text, options.root);
}

function decodeUtf8(format: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unparseable(format, 'it is not UTF-8', undefined, cause);
  }
}
