import { sql, type Migration } from 'kysely';

/**
 * The log of what was decided. Leaves stand with their entries; nodes are the complete subtrees above them, which never
 * change once they are there, so that all three tables only grow.
 */
export const ledgerMigration: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements: readonly string[] = [
  // One row: the log's name, which ends up in every checkpoint.
  `create table arbiter.ledger (
    only_row boolean primary key default true check (only_row),
    origin text not null check (origin ~ '^[^\\s+]{1,200}$')
  )`,
  `create table arbiter.ledger_entries (
    index bigint primary key check (index >= 0),
    key text collate "C" not null unique,
    bytes bytea not null check (octet_length(bytes) <= 65535),
    leaf bytea not null check (octet_length(leaf) = 32),
    at_ms bigint not null
  )`,
  `create table arbiter.ledger_nodes (
    level integer not null check (level > 0),
    index bigint not null check (index >= 0),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (level, index)
  )`,
  ...['ledger', 'ledger_entries', 'ledger_nodes'].map(
    (table) => `create trigger only_append before update or delete or truncate on arbiter.${table}
      for each statement execute function arbiter.refuse_change()`,
  ),
];
