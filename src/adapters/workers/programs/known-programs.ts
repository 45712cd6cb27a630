import { aider } from './aider.js';
import { claude } from './claude.js';
import { codex } from './codex.js';
import { copilot } from './copilot.js';
import { gemini } from './gemini.js';
import { opencode } from './opencode.js';
import { pi } from './pi.js';
import type { KnownProgram } from './program.js';
import { qwen } from './qwen.js';

/** Every agent program that is known by name. */
export const knownPrograms: readonly KnownProgram[] = [pi, codex, opencode, claude, gemini, qwen, copilot, aider];

/** The program of that name, or null. */
export function knownProgram(name: string): KnownProgram | null {
  return knownPrograms.find((program) => program.name === name) ?? null;
}
