import { sql, type Migration } from 'kysely';

/** The last decision of a session is asked for at each of its tasks. */
export const sessionsMigration: Migration = {
  async up(db) {
    await sql
      .raw(
        `create index route_decisions_of_session on arbiter.route_decisions
          (repository, (decision -> 'affinity' ->> 'session'), at_ms desc, id desc)
          where (decision -> 'affinity' ->> 'session') is not null`,
      )
      .execute(db);
  },
};
