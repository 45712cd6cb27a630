// Controls (but tab and line feed), and the sequences by which a terminal is steered: an agent's words reach a terminal.
const steering = /\u001B(?:\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/g;

/**
 * Text of an agent as it may be shown and kept: without control characters and terminal sequences, each secret replaced,
 * cut at `cap` characters (the end is kept, with `…` before it, when `keep` is `end`).
 */
export function cleanText(
  text: string,
  options: { readonly secrets: readonly string[]; readonly cap: number; readonly keep?: 'start' | 'end' },
): string {
  let clean = text.replaceAll('\r\n', '\n').replaceAll(steering, '').replaceAll(controls, '');
  for (const secret of options.secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[token]');
  if (clean.length <= options.cap) return clean;
  return options.keep === 'end' ? `…${clean.slice(-options.cap)}` : `${clean.slice(0, options.cap)}…`;
}

/** The last lines of what a program complained about, on one line each, for a message. */
export function lastLines(text: string, secrets: readonly string[], count = 6): string {
  const lines = cleanText(text, { secrets, cap: 4000, keep: 'end' })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.slice(-count).join(' | ').slice(0, 1200);
}
