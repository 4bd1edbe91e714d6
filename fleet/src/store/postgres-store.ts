import { failure } from '../host.js';
import { type Patience, PostgresDriver, SCHEMA } from './postgres-driver.js';
import { postgresPlace } from './postgres-place.js';
import { grantRoles, storeFunction } from './roles.js';
import { SCHEMA_VERSION } from './schema.js';
import { type Migration, migrateSteps, refuseNewer, schemaVersion } from './versions.js';

/** Key of the lock under which one process migrates: `dsft`. */
const LOCK = 0x64736674;

/** Opens a store on a server. `create`: makes its schema, or brings it to the version of this package. */
export async function openPostgres(
  given: string,
  create: boolean,
  patience?: Patience,
): Promise<PostgresDriver> {
  const driver = new PostgresDriver(postgresPlace(given), patience);
  try {
    const version = await versionOf(driver);
    refuseNewer(version, driver.place);
    if (version < SCHEMA_VERSION) {
      if (!create) throw behind(version, driver.place);
      await migratePostgres(driver);
    }
    return driver;
  } catch (error) {
    await driver.close();
    throw error;
  }
}

const behind = (version: number, place: string) =>
  version === 0
    ? failure({
        code: 'store-missing',
        message: `there is no store in ${place}`,
        hint: '`dumpsieve hunt migrate` makes one, as a user who may create a schema',
      })
    : failure({
        code: 'store-older',
        message: `${place} has schema version ${version}; this dumpsieve needs ${SCHEMA_VERSION}`,
        hint: '`dumpsieve hunt migrate`, as a member of fleet_admin',
      });

/** Makes or updates the schema, and the roles. `roles` is false if this user may not make them. */
export function migratePostgres(
  driver: PostgresDriver,
  to = SCHEMA_VERSION,
): Promise<Migration & { roles: boolean }> {
  return driver.transaction(
    async (sql) => {
      await sql.all('select pg_advisory_xact_lock($1)', [LOCK]);
      const schema = await sql.all('select 1 from pg_namespace where nspname = $1', [SCHEMA]);
      if (schema.length === 0) await sql.all(`create schema ${SCHEMA}`);
      const from = await versionOf(sql);
      refuseNewer(from, driver.place);
      const migration = await migrateSteps(sql, driver.dialect, from, to);
      await sql.all(storeFunction());
      return { ...migration, roles: await grantRoles(sql) };
    },
    { isLong: true },
  );
}

async function versionOf(sql: Pick<PostgresDriver, 'all'>): Promise<number> {
  const [meta] = await sql.all<{ found: boolean }>('select to_regclass($1) is not null as found', [
    `${SCHEMA}.meta`,
  ]);
  return meta?.found === true ? schemaVersion(sql) : 0;
}

/** The server looks after its files. What is checked here is that no row refers to one that is missing. */
export async function checkPostgres(driver: PostgresDriver): Promise<string[]> {
  const orphans = await driver.all<{ n: number }>(
    `select count(*) as n from finding f
     where not exists (select 1 from scan s where s.id = f.scan)
       or not exists (select 1 from secret k where k.id = f.secret)`,
  );
  const found = orphans[0]?.n ?? 0;
  return found === 0 ? [] : [`${found} findings without a scan or a secret`];
}
