/** Kinds of lines in a task's log. */
export const logLineKinds = ['stage', 'message', 'tool', 'file', 'spend', 'refused', 'note'] as const;
export type LogLineKind = (typeof logLineKinds)[number];
