import { type TestCluster, findLocalCluster, noLocalServer, startTestCluster } from './cluster.js';
import { openTestStores } from './stores.js';

/** Where a contract of stores is held: skipped, for the reason that was told, where there is none. */
export interface StorePlace<Opened> {
  readonly name: string;
  readonly skip: boolean;
  open(): Promise<Opened>;
}

/** In memory, on the embedded PostgreSQL, and on the server of this machine when one answers. */
export async function storePlaces<Opened>(
  inMemory: () => Opened,
  onCluster: (cluster: TestCluster) => Promise<Opened>,
): Promise<readonly StorePlace<Opened>[]> {
  const local = await findLocalCluster();
  if (local === null) console.warn(noLocalServer);
  return [
    { name: 'memory', skip: false, open: async () => inMemory() },
    { name: 'embedded PostgreSQL', skip: false, open: async () => onCluster(await startTestCluster()) },
    {
      name: 'PostgreSQL on 127.0.0.1:5432',
      skip: local === null,
      open: async () => {
        if (local === null) throw new Error(noLocalServer);
        return onCluster(local);
      },
    },
  ];
}

/** Stores on one database, as so many processes have them; in memory all are the same one. */
export interface Crowd<Store> {
  readonly stores: readonly Store[];
  /** Null in memory. */
  readonly ownerUrl: string | null;
  close(): Promise<void>;
}

type OpenedStores = Awaited<ReturnType<typeof openTestStores>>;

/** Places of a contract that is held by several processes at once. */
export function crowdPlaces<Store>(
  count: number,
  create: () => Store,
  pick: (opened: OpenedStores) => Store,
): Promise<readonly StorePlace<Crowd<Store>>[]> {
  return storePlaces<Crowd<Store>>(
    () => {
      const store = create();
      return { stores: Array.from({ length: count }, () => store), ownerUrl: null, close: () => Promise.resolve() };
    },
    async (cluster) => {
      const urls = await cluster.createDatabase();
      const opened = await Promise.all(Array.from({ length: count }, () => openTestStores(urls)));
      return {
        stores: opened.map(pick),
        ownerUrl: urls.ownerUrl,
        async close() {
          for (const store of opened) await store.close();
          await cluster.stop();
        },
      };
    },
  );
}

/** The first two. */
interface Pair<Store> {
  readonly one: Store;
  readonly other: Store;
}

/** Two of them by name. @throws Error where there are fewer */
export function pairOf<Store>({ stores, ...crowd }: Crowd<Store>): Omit<Crowd<Store>, 'stores'> & Pair<Store> {
  const [one, other] = stores;
  if (one === undefined || other === undefined) throw new Error('the crowd is too small');
  return { one, other, ...crowd };
}
