/** What was said and done, as JSON lines, without our secrets. */
export interface Transcript {
  add(entry: Readonly<Record<string, unknown>>): void;
  /** The text with every secret struck out. */
  redact(text: string): string;
  bytes(): Uint8Array;
}

const largest = 8 << 20;
const shortestSecret = 6;

/**
 * A transcript that holds at most 8 MiB; what came after is counted, not kept. Secrets are struck out as they are and as
 * JSON writes them.
 */
export function createTranscript(secrets: readonly (string | null)[]): Transcript {
  const forms = secrets
    .filter((secret): secret is string => secret !== null && secret.length >= shortestSecret)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .sort((a, b) => b.length - a.length);
  const redact = (text: string): string => forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
  const lines: string[] = [];
  let size = 0;
  let dropped = 0;
  return {
    redact,
    add(entry): void {
      const line = `${redact(JSON.stringify(entry))}\n`;
      size += line.length;
      if (size <= largest) lines.push(line);
      else dropped += 1;
    },
    bytes(): Uint8Array {
      const end = dropped === 0 ? [] : [`${JSON.stringify({ kind: 'note', dropped })}\n`];
      return Buffer.from([...lines, ...end].join(''));
    },
  };
}
