import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Lease, LeaseStore } from '../../ports/task-store.js';
import { readProcess } from '../sandbox/process-table.js';
import type { Connection, Statement } from './connection.js';

const take: Statement = {
  name: 'arbiter-take-lease',
  text: `insert into arbiter.leases (id, kind, what, owner, host) values ($1, $2, $3, $4, $5) on conflict do nothing`,
};
const release: Statement = { name: 'arbiter-release-lease', text: 'delete from arbiter.leases where id = $1' };
const list: Statement = {
  name: 'arbiter-leases',
  text: 'select id, kind, what, owner, host from arbiter.leases where host = $1 order by id',
};

/** `pid.startTicks` of this process: how a lease names who made it. Ticks are 0 where there is no /proc. */
export function leaseOwner(): string {
  return `${process.pid}.${readProcess(process.pid)?.startTicks ?? 0}`;
}

/** Leases on PostgreSQL. */
export function createLeaseStore(connection: Connection): LeaseStore {
  return {
    async take(kind, what) {
      const id = randomUUID();
      await connection.run(take, [id, kind, what, leaseOwner(), hostname()]);
      return id;
    },
    async release(id) {
      await connection.run(release, [id]);
    },
    async list() {
      return (await connection.run<Lease>(list, [hostname()])).rows;
    },
  };
}
