import type { z } from 'zod';
import type { Ports } from '../ports/ports.js';
import type { Progress } from '../ports/progress.js';

/** Who may ask for an operation: `anyone` reads and judges; `human` changes what the constitution stands on. */
export type Role = 'anyone' | 'human';

/** What an operation gets beside its input. */
export interface OperationContext {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /**
   * Asks the person who started the operation; answers the value chosen, or null where nobody can be asked or nobody
   * answered. Absent where the surface has no person.
   */
  readonly ask?: (
    question: string,
    choices: readonly { readonly value: string; readonly label: string }[],
  ) => Promise<string | null>;
}

/**
 * One thing that Arbiter does, whatever surface asks for it (house rule 7). `run` gets the parsed input and answers
 * with a value of `output`; faults are thrown, judgements are values.
 */
export interface Operation<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly summary: string;
  readonly role: Role;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  run(ports: Ports, input: Input, context: OperationContext): Promise<Output>;
}
