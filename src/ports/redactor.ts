import type { RedactedText } from '../core/learning/matter.js';

/** Takes secrets and personal data out of a text. */
export interface Redactor {
  /**
   * The text with `[kind]` in place of each secret and each piece of personal data that is known for one. What cannot be
   * looked through comes back empty, and counts as one `unreadable`: nothing is stored that nobody has looked at.
   */
  redact(text: string): Promise<RedactedText>;
}
