import { failure } from '../host.js';
import { SqlStore } from './sql-store.js';
import { openSqlite } from './sqlite-store.js';
import type { Store } from './store.js';
import type { Migration } from './versions.js';

export interface OpenOptions {
  /**
   * What the caller does: an `admin` makes the store and its schema, a `worker` and a `reader` find them. The
   * rights themselves are those of the file, or of the user of the server. Default: admin.
   */
  role?: 'admin' | 'worker' | 'reader';
}

export const isServer = (place: string): boolean => /^postgres(?:ql)?:/.test(place);

/** Opens a store: a file, or `postgres://…` without a password. */
export async function openStore(place: string, { role = 'admin' }: OpenOptions = {}): Promise<Store> {
  if (isServer(place)) throw failure({ code: 'not-built', message: 'a store on a server is not built yet' });
  const { driver } = await openSqlite(place, role === 'admin');
  return new SqlStore(driver, () => driver.integrity());
}

/** Brings a store to the schema of this version. */
export async function migrateStore(place: string): Promise<Migration> {
  if (isServer(place)) throw failure({ code: 'not-built', message: 'a store on a server is not built yet' });
  const { driver, migration } = await openSqlite(place, true);
  await driver.close();
  return migration;
}
