import type { Patience } from './postgres-driver.js';
import { PostgresDriver } from './postgres-driver.js';
import { postgresPlace } from './postgres-place.js';
import { checkPostgres, migratePostgres, openPostgres } from './postgres-store.js';
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
  /** How long a server is waited for. */
  patience?: Patience;
}

export const isServer = (place: string): boolean => /^postgres(?:ql)?:/i.test(place);

/** Opens a store: a file, or `postgres://…` without a password. */
export async function openStore(place: string, options: OpenOptions = {}): Promise<Store> {
  const create = (options.role ?? 'admin') === 'admin';
  if (isServer(place)) {
    const driver = await openPostgres(place, create, options.patience);
    return new SqlStore(driver, () => checkPostgres(driver));
  }
  const { driver } = await openSqlite(place, create);
  return new SqlStore(driver, () => driver.integrity());
}

/** Brings a store to the schema of this version. */
export async function migrateStore(place: string): Promise<Migration> {
  if (!isServer(place)) {
    const { driver, migration } = await openSqlite(place, true);
    await driver.close();
    return migration;
  }
  const driver = new PostgresDriver(postgresPlace(place));
  try {
    return await migratePostgres(driver);
  } finally {
    await driver.close();
  }
}
