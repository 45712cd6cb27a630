import { publish } from './adjudicate/publish/publish.js';
import { audit } from './audit/audit.js';
import { readjudicate } from './audit/readjudicate.js';
import { installHook } from './hook/install.js';
import { receive } from './hook/receive.js';
import { verifyRange } from './verify-range/verify-range.js';
import { why } from './why/why.js';

/** Everything about landing a change, and about leaving no way around. */
export const publicationOperations = {
  publish,
  verify: verifyRange,
  why,
  audit,
  readjudicate,
  'hook install': installHook,
  'hook receive': receive,
} as const;
