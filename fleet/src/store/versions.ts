import { failure } from '../host.js';
import type { Dialect } from './dialect.js';
import type { Statements } from './driver.js';
import { SCHEMA_VERSION, STEPS } from './schema.js';

export interface Migration {
  from: number;
  to: number;
}

/** Refuses a store that a later version of this package has written. */
export function refuseNewer(version: number, place: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw failure({
    code: 'store-newer',
    message: `${place} has schema version ${version}; this dumpsieve knows ${SCHEMA_VERSION}`,
    hint: 'update dumpsieve and dumpsieve-fleet',
  });
}

/** Schema version of a store that has the table meta. */
export async function schemaVersion(sql: Statements): Promise<number> {
  const [row] = await sql.all<{ value: string }>("select value from meta where name = 'schema_version'");
  return Number(row?.value ?? 0);
}

/** Runs the steps from a version, inside a transaction of its own lock. */
export async function migrateSteps(
  sql: Statements,
  dialect: Dialect,
  from: number,
  to = SCHEMA_VERSION,
): Promise<Migration> {
  for (let version = from; version < to; version += 1)
    for (const statement of STEPS[version]!(dialect)) await sql.all(statement);
  if (to > from) await sql.all("update meta set value = $1 where name = 'schema_version'", [String(to)]);
  return { from, to: Math.max(from, to) };
}
