import type { Client } from 'pg';

/** A table of a backup. */
export interface TableShape {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
}

export const engineSchema = 'dbos';

/** What belongs to the machine or to the migrations, and has no meaning elsewhere. */
const leftOut = new Set([
  'arbiter.leases',
  'arbiter.executors',
  'arbiter.schedules',
  'arbiter.turns',
  'arbiter.retries',
  'arbiter.migrations',
  'arbiter.migration_lock',
  'dbos.dbos_migrations',
  // Data points (partitions, which are left out as such) and how far they go are derived from stories again.
  'arbiter.tracked',
  // Summed by the outcomes that a restore writes.
  'arbiter.route_sums',
]);

/** The tables that a backup holds, each after those that it refers to. */
export async function listTables(client: Client): Promise<readonly TableShape[]> {
  const { rows } = await client.query<{ schema: string; table: string; columns: string; key: string; refers: string }>(
    `select n.nspname as schema, c.relname as table,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
          -- The number of a transaction means nothing in another database.
          and a.atttypid <> 'xid8'::regtype)
        as columns,
      coalesce((select json_agg(a.attname order by k.place) from pg_index i, unnest(i.indkey) with ordinality k(num, place),
        pg_attribute a where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.num), '[]') as key,
      coalesce((select json_agg(rn.nspname || '.' || rc.relname) from pg_constraint f join pg_class rc on rc.oid = f.confrelid
        join pg_namespace rn on rn.oid = rc.relnamespace where f.conrelid = c.oid and f.contype = 'f'), '[]') as refers
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and not c.relispartition and n.nspname in ('arbiter', '${engineSchema}') order by 1, 2`,
  );
  const found = rows.map((row) => ({
    shape: {
      schema: row.schema,
      table: row.table,
      columns: JSON.parse(row.columns) as TableShape['columns'],
      key: JSON.parse(row.key) as readonly string[],
    },
    refers: JSON.parse(row.refers) as readonly string[],
  }));
  return inOrder(found.filter(({ shape }) => !leftOut.has(fullName(shape))));
}

/** `schema.table`. */
export function fullName(shape: { readonly schema: string; readonly table: string }): string {
  return `${shape.schema}.${shape.table}`;
}

/** How a table is called before people: those of Arbiter by their name alone. */
export function shortName(shape: { readonly schema: string; readonly table: string }): string {
  return shape.schema === 'arbiter' ? shape.table : fullName(shape);
}

/** The quoted name for a statement. */
export function quotedName(client: Client, shape: { readonly schema: string; readonly table: string }): string {
  return `${client.escapeIdentifier(shape.schema)}.${client.escapeIdentifier(shape.table)}`;
}

interface Found {
  readonly shape: TableShape;
  readonly refers: readonly string[];
}

function inOrder(found: readonly Found[]): readonly TableShape[] {
  const placed: TableShape[] = [];
  let waiting = found;
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ shape }) => fullName(shape)));
    const free = waiting.filter(({ shape, refers }) =>
      refers.every((name) => name === fullName(shape) || !names.has(name)),
    );
    // Tables that refer to each other have no order; the database then says which row it misses.
    const next = free.length > 0 ? free : waiting;
    placed.push(...next.map(({ shape }) => shape));
    waiting = waiting.filter((item) => !next.includes(item));
  }
  return placed;
}
