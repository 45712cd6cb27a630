import { z } from 'zod';

/** What kind of work a task is: rewards and histories are kept apart by it. */
export const surfaceSchema = z.enum(['code-editing', 'research-assistant', 'data-analysis']).meta({ id: 'Surface' });
export type Surface = z.infer<typeof surfaceSchema>;

/** How hard a task looks before anybody has worked on it. */
export const complexitySchema = z.enum(['trivial', 'standard', 'complex']).meta({ id: 'Complexity' });
export type Complexity = z.infer<typeof complexitySchema>;

/** Features of a task by name: finite numbers, most of them between 0 and 1. What is not named counts as 0. */
export const featuresSchema = z.record(z.string().max(60), z.number()).meta({ id: 'Features' });
export type Features = z.infer<typeof featuresSchema>;
