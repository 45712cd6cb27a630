import { isCancel, select } from '@clack/prompts';

/** Lets a person choose with the arrow keys; null when they press Ctrl-C or Escape instead. */
export async function askOnTerminal(
  question: string,
  choices: readonly { readonly value: string; readonly label: string }[],
): Promise<string | null> {
  const answer = await select({
    message: question,
    options: choices.map(({ value, label }) => ({ value, label })),
    output: process.stderr,
  });
  return isCancel(answer) ? null : answer;
}
