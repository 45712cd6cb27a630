import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const outcome = z.number().min(0).max(1).nullable();
const usd = z.number().nonnegative().nullable();
const taskSchema = z.object({
  id: z.string().min(1),
  group: z.string().optional(),
  bench: z.string().optional(),
  r: z.array(outcome),
  cost: z.array(usd).optional(),
});
const name = z.string().min(1);
const price = { output_price: z.number().positive().optional() };
interface Arm {
  readonly name: string;
  readonly outputPrice: number | null;
}
const armOf = (called: string, outputPrice?: number): Arm => ({ name: called, outputPrice: outputPrice ?? null });
const armSchema = z.union([
  name.transform((called) => armOf(called)),
  z.object({ arm: name, ...price }).transform((one) => armOf(one.arm, one.output_price)),
  z.object({ agent: name, ...price }).transform((one) => armOf(one.agent, one.output_price)),
  z.object({ model: name, ...price }).transform((one) => armOf(one.model, one.output_price)),
  z.object({ name, ...price }).transform((one) => armOf(one.name, one.output_price)),
  z.object({ id: name, ...price }).transform((one) => armOf(one.id, one.output_price)),
]);
const armsSchema = z.union([
  z.array(armSchema),
  z.object({ arms: z.array(armSchema) }).transform(({ arms }) => arms),
  z.object({ agents: z.array(armSchema) }).transform(({ agents }) => agents),
]);

/** One task: what each arm came to (0 to 1, null: no outcome), and its dollars (null: not recorded), in the arms' order. */
export interface Task {
  readonly id: string;
  readonly group: string;
  readonly r: readonly (number | null)[];
  readonly cost: readonly (number | null)[];
}

/** A whole outcome matrix. */
export interface Matrix {
  readonly name: string;
  readonly arms: readonly string[];
  /** Of each arm, dollars per million output tokens; null: not known. */
  readonly prices: readonly (number | null)[];
  readonly tasks: readonly Task[];
}

/**
 * Reads a matrix in the format of bench/routing/data/README.md. A cost of 0 counts as not recorded.
 * @throws Error that names the file and the line, for whatever is not in the format
 */
export function readMatrix(called: string, dataFile: string, armsFile: string): Matrix {
  const arms = readArms(armsFile);
  const bytes = readFileSync(dataFile);
  const text = (dataFile.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const seen = new Set<string>();
  const tasks = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const at = `${dataFile}:${index + 1}`;
    const task = readTask(line, at, arms.length);
    const key = `${task.group}/${task.id}`;
    if (seen.has(key)) throw new Error(`${at}: task ${key} stands here a second time; give each task one line`);
    seen.add(key);
    return [task];
  });
  if (tasks.length < 20) throw new Error(`${dataFile} holds ${tasks.length} tasks; at least 20 are needed`);
  return { name: called, arms: arms.map((arm) => arm.name), prices: arms.map((arm) => arm.outputPrice), tasks };
}

function readArms(file: string): readonly Arm[] {
  const parsed = armsSchema.safeParse(parse(readFileSync(file, 'utf8'), file));
  if (!parsed.success) throw new Error(`${file}: is no list of arms, each a name or an object with one`);
  if (parsed.data.length < 2) throw new Error(`${file}: ${parsed.data.length} arms; there is nothing to choose`);
  const names = parsed.data.map((arm) => arm.name);
  const twice = names.find((arm, index) => names.indexOf(arm) !== index);
  if (twice !== undefined) throw new Error(`${file}: arm ${twice} stands there twice`);
  return parsed.data;
}

function readTask(line: string, at: string, arms: number): Task {
  const parsed = taskSchema.safeParse(parse(line, at));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${at}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`);
  }
  const { id, group, bench, r, cost } = parsed.data;
  if (r.length !== arms) throw new Error(`${at}: r has ${r.length} outcomes for ${arms} arms`);
  if (cost !== undefined && cost.length !== arms) throw new Error(`${at}: cost has ${cost.length} for ${arms} arms`);
  const paid = (cost ?? r.map(() => null)).map((value) => (value === 0 ? null : value));
  return { id, group: group ?? bench ?? 'all', r, cost: paid };
}

function parse(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${at}: is no JSON`, { cause: error });
  }
}

/** Share of the tasks on which this arm has a value. */
export function coverage(tasks: readonly Task[], of: 'r' | 'cost', arm: number): number {
  return tasks.filter((task) => (task[of][arm] ?? null) !== null).length / tasks.length;
}
