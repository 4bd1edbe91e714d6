import { failure } from '../host.js';

export interface MigrateOptions {
  /** A file, or `postgres://…` without a password. */
  store: string;
}

/** Versions of the schema. */
export interface MigrateResult {
  from: number;
  to: number;
}

/** Makes the schema of a store, or brings it to this version. */
export async function migrate(_options: MigrateOptions): Promise<MigrateResult> {
  throw failure({ code: 'not-built', message: 'hunt migrate is not built yet' });
}
