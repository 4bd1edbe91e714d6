import { migrateStore } from './open.js';
import type { Migration } from './versions.js';

export interface MigrateOptions {
  /** A file, or `postgres://…` without a password. */
  store: string;
}

/** Versions of the schema. */
export type MigrateResult = Migration;

/** Makes the schema of a store, or brings it to this version; on a server the roles, too. */
export function migrate({ store }: MigrateOptions): Promise<MigrateResult> {
  return migrateStore(store);
}
