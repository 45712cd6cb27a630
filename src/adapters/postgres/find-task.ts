import type { TaskFilter } from '../../ports/task-store.js';
import { isEnded, taskSchema, type Task } from '../../core/tasks/task.js';
import { unknownTask } from './append-events.js';
import type { Connection, Statement } from './connection.js';
import { storeFault } from './store-fault.js';
import { tidyText } from './tidy-text.js';

const defaultLimit = 1000;

const find: Statement = {
  name: 'arbiter-find',
  text: `select id from arbiter.tasks where id like $1 || '%' or reverse(id) collate "C" like reverse($1) || '%'
    order by (id = $1) desc limit 3`,
};

/** Full id of the one task whose id starts or ends with the text, whatever its case. @throws TASK_UNKNOWN */
export async function findTask(connection: Connection, text: string): Promise<string> {
  const wanted = text.trim().toUpperCase();
  // Ids are Crockford's base32: anything else is in none, and could be a pattern.
  if (!/^[0-9A-Z]{1,26}$/.test(wanted)) throw unknownTask(text);
  const { rows } = await connection.run<{ id: string }>(find, [wanted]);
  const [first, second] = rows;
  if (first === undefined) throw unknownTask(text);
  if (second === undefined || first.id === wanted) return first.id;
  throw storeFault('TASK_UNKNOWN', `several tasks start or end with ${wanted}`, 'give more of the id');
}

const columns = 'select snapshot from arbiter.tasks';
const list: Statement = {
  name: 'arbiter-list',
  text: `${columns} where ($1::text[] is null or state = any($1)) and ($2::text is null or repository = $2)
    order by id desc limit $3`,
};
const listOpen: Statement = {
  name: 'arbiter-list-open',
  text: `${columns} where not ended and state = any($1) and ($2::text is null or repository = $2)
    order by id desc limit $3`,
};

/** Tasks, newest first; a thousand where no limit is named. */
export async function listTasks(connection: Connection, filter: TaskFilter): Promise<readonly Task[]> {
  const states = filter.states ?? null;
  // Open tasks are few among many: their own index finds them.
  const statement = states === null || states.some((state) => isEnded(state)) ? list : listOpen;
  const repository = filter.repository === undefined ? null : tidyText(filter.repository);
  const { rows } = await connection.run<{ snapshot: string }>(statement, [
    states,
    repository,
    filter.limit ?? defaultLimit,
  ]);
  return rows.map((row) => taskSchema.parse(JSON.parse(row.snapshot)));
}
