import { sql, type Migration } from 'kysely';
import { commitmentDomain } from '../../../core/records/commitment.js';

/** Salts and commitments of contents, and the one way by which a content goes: recorded in the ledger first. */
export const erasureMigration: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const domain = `'\\x${Buffer.from(commitmentDomain).toString('hex')}'::bytea`;

const statements: readonly string[] = [
  // Two random UUIDs: 244 bits of the server's strong randomness, different in each row, also in those that are there.
  `alter table arbiter.contents add column salt bytea not null
    default (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) check (octet_length(salt) = 32)`,
  `alter table arbiter.contents add column commitment text collate "C" not null
    generated always as (encode(sha256(${domain} || salt || bytes), 'hex')) stored`,
  `create unique index contents_by_commitment on arbiter.contents (commitment)`,
  `create table arbiter.erasures (
    commitment text collate "C" primary key, sha256 text collate "C" not null, at_ms bigint not null
  )`,
  `create index erasures_of_sha256 on arbiter.erasures (sha256)`,
  `create trigger only_append before update or delete or truncate on arbiter.erasures
    for each statement execute function arbiter.refuse_change()`,
  // What may be removed is what an erasure names, row by row; all else is refused as before, to the owner too.
  `create function arbiter.refuse_unrecorded_erasure() returns trigger language plpgsql as $$
  begin
    if exists (select from arbiter.erasures e where e.commitment = old.commitment) then return old; end if;
    raise exception 'rows of %.% are never changed, and only removed by arbiter.erase_content', tg_table_schema, tg_table_name
      using errcode = 'restrict_violation';
  end $$`,
  `drop trigger only_append on arbiter.contents`,
  `create trigger only_append before update or truncate on arbiter.contents
    for each statement execute function arbiter.refuse_change()`,
  `create trigger only_recorded before delete on arbiter.contents
    for each row execute function arbiter.refuse_unrecorded_erasure()`,
  `create function arbiter.require_erasure_entry(p_key text) returns void language plpgsql as $$
  begin
    if exists (select from arbiter.ledger_entries e where e.key = p_key) then return; end if;
    raise exception 'the ledger has no entry %, and nothing is erased without one', p_key
      using errcode = 'restrict_violation';
  end $$`,
  // They run as the owner, so that the role that Arbiter works as needs no right to delete; the search path is pinned, so
  // that nobody slips other functions under them.
  `create function arbiter.erase_content(p_commitment text, p_at_ms bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
  declare
    v_sha256 text;
  begin
    perform arbiter.require_erasure_entry('erasure/' || p_commitment);
    select c.sha256 into v_sha256 from arbiter.contents c where c.commitment = p_commitment for update;
    if not found then return false; end if;
    insert into arbiter.erasures (commitment, sha256, at_ms) values (p_commitment, v_sha256, p_at_ms);
    delete from arbiter.contents c where c.commitment = p_commitment;
    return true;
  end $$`,
  `create function arbiter.erase_task_log(p_task_id text) returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
  declare
    v_lines bigint;
  begin
    perform arbiter.require_erasure_entry('erasure/log/' || p_task_id);
    delete from arbiter.task_log l where l.task_id = p_task_id;
    get diagnostics v_lines = row_count;
    return v_lines;
  end $$`,
  `revoke execute on function arbiter.erase_content(text, bigint), arbiter.erase_task_log(text) from public`,
];
