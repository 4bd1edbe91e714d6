import { type MigrateOptions, type MigrateResult, migrate as migrateStore } from '../store/migrate.js';
import { isServer } from '../store/open.js';
import { hasQueueNode, migrateQueue } from './queue.js';

/**
 * Makes the schema of a store, or brings it to this version; on a server also the roles, and the queue if
 * this Node can run it.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  // Roles get their rights on the queue with the store's.
  if (isServer(options.store) && hasQueueNode()) await migrateQueue(options.store);
  return migrateStore(options);
}
