import { InvalidArgumentError } from 'commander';

/** The number that a flag's text says. @throws InvalidArgumentError, which commander shows with the flag's name */
export function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('it is no number');
  return value;
}
