import { type ToolSet, tool } from 'ai';
import { z } from 'zod';
import { rationaleSchema } from '../../../core/caws/plea.js';

const path = z.string().min(1).describe('Relative to the top of the folder.');

/** What each tool takes. The schemas are sent to the model and parse what it sends back. */
export const toolInputs = {
  list_files: z.object({ path: path.optional() }),
  read_file: z.object({
    path,
    from_line: z.number().int().positive().optional().describe('Counted from 1.'),
    lines: z.number().int().positive().optional(),
  }),
  search: z.object({
    pattern: z.string().min(1).describe('A POSIX extended regular expression.'),
    path: path.optional(),
  }),
  write_file: z.object({ path, content: z.string().describe('The whole new content.') }),
  edit_file: z.object({
    path,
    old_text: z.string().min(1).describe('Exactly as it stands in the file; it must occur once.'),
    new_text: z.string(),
  }),
  delete_file: z.object({ path }),
  run_command: z.object({ command: z.string().min(1).describe('For sh -c, at the top of the folder.') }),
  request_scope_amendment: z.object({ paths: z.array(z.string().min(1)).min(1), why: z.string().min(1) }),
  plead_infeasible: z.object({
    clause: z.string().min(1).describe('The criterion or rule that cannot be met.'),
    evidence: z.string().min(1).describe('What shows it.'),
  }),
  finish: z.object(rationaleSchema.shape),
  propose_plan: z.object({
    approach: z.string(),
    files: z.array(z.object({ path: z.string().min(1), lines: z.number().int().nonnegative() })),
    tests: z.array(z.string()),
    risks: z.array(z.string()),
  }),
} as const;
export type ToolName = keyof typeof toolInputs;

const says: Readonly<Record<ToolName, string>> = {
  list_files: 'Lists files, .git left out.',
  read_file: 'Reads a text file, or some lines of it.',
  search: 'Searches text files; gives path:line:text.',
  write_file: 'Writes a file, new or whole.',
  edit_file: 'Replaces one exact piece of text in a file.',
  delete_file: 'Deletes a file.',
  run_command: 'Runs a shell command and gives its output and exit status.',
  request_scope_amendment: 'Ends the work and asks a human for paths outside the scope.',
  plead_infeasible: 'Ends the work and says that the specification cannot be met as it stands.',
  finish: 'Ends the work and says what was changed and why.',
  propose_plan: 'Ends the planning with the plan of edit.',
};

const reading: readonly ToolName[] = ['list_files', 'read_file', 'search'];
const editing: readonly ToolName[] = [
  ...reading,
  'write_file',
  'edit_file',
  'delete_file',
  'run_command',
  'request_scope_amendment',
  'plead_infeasible',
  'finish',
];

/** The tools of the work, and of the planning before it. None carries itself out: the loop does. */
export function toolsFor(stage: 'work' | 'plan'): ToolSet {
  const names = stage === 'work' ? editing : [...reading, 'propose_plan' as const];
  const schemas: Readonly<Record<ToolName, z.ZodType>> = toolInputs;
  return Object.fromEntries(names.map((name) => [name, tool({ description: says[name], inputSchema: schemas[name] })]));
}
