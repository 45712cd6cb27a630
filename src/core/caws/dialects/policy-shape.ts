import { z } from 'zod';

/** Shapes that policies of dialects B and C truly share. */

export const gateMode = z.enum(['block', 'warn', 'skip']);

export const thresholds = z.record(z.string(), z.unknown());

/** Zones so wide that nothing would be governed any more. */
export const wideZones: readonly string[] = ['**', '*', '**/*', '.', './', './**', '/**', '/'];
