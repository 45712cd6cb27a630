import { Fault, isFault } from '../../core/fault.js';
import type { StoreFaultCode } from '../../ports/task-store.js';
import { codeOf, messageOf } from './launcher/database-fault.js';

const lostByNode = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** SQLSTATE: connection exceptions, the server ends, starts or recovers, too many sessions. */
const lostByServer = /^(?:08...|57P0[1-5]|53300|25P03)$/;
const lostByWords =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|database ".*" is not currently accepting connections)/;

/** Whether the connection, not the statement, was at fault: the same may work on another connection later. */
export function isConnectionLoss(error: unknown): boolean {
  if (isFault(error)) return false;
  const code = codeOf(error) ?? '';
  return lostByNode.has(code) || lostByServer.test(code) || lostByWords.test(messageOf(error));
}

/** The fault that stands for an error of PostgreSQL or of the way to it. A `Fault` stays what it is. */
export function toStoreFault(error: unknown): Fault {
  if (isFault(error)) return error;
  const said = messageOf(error);
  if (codeOf(error) === '53100' || codeOf(error) === 'ENOSPC') {
    return storeFault('DISK_FULL', `the disk of the database is full: ${said}`, 'make room on it and try again', error);
  }
  if (isConnectionLoss(error)) {
    return storeFault(
      'STORE_UNAVAILABLE',
      `the database does not answer: ${said}`,
      'see that it runs (arbiter db status) and try again',
      error,
    );
  }
  return storeFault(
    'STORE_FAILED',
    `the database refused: ${said}`,
    'see arbiter db status; run arbiter db migrate',
    error,
  );
}

/** The fault of the store that a server brings about which does not come back. */
export function toLossFault(error: unknown): Fault<StoreFaultCode> {
  const said = messageOf(error);
  const mend = isFault(error) ? error.mend : 'see arbiter db status and try again';
  const code = /no space left/i.test(said) ? 'DISK_FULL' : 'STORE_UNAVAILABLE';
  return storeFault(code, `the database does not answer: ${said}`, mend, error);
}

/** A fault of the store. */
export function storeFault(
  code: StoreFaultCode,
  message: string,
  mend: string,
  cause?: unknown,
): Fault<StoreFaultCode> {
  return new Fault(code, message, { mend, ...(cause === undefined ? {} : { cause }) });
}
