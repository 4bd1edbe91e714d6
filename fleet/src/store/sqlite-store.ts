import { failure } from '../host.js';
import { SCHEMA_VERSION } from './schema.js';
import { SqliteDriver } from './sqlite-driver.js';
import { preparedFile } from './sqlite-place.js';
import { type Migration, migrateSteps, refuseNewer, schemaVersion } from './versions.js';

/** `dsft` in SQLite's header: the file is a store of this package. */
const APPLICATION = 0x64736674;

/** SQLite's own busy timeout, in ms. It blocks the event loop: it is short, and the driver tries again. */
const INNER_WAIT_MS = 20;

/** Opens the file of a store, makes it if `create`, and brings it to the version of this package. */
export async function openSqlite(
  given: string,
  create: boolean,
): Promise<{ driver: SqliteDriver; migration: Migration }> {
  const driver = new SqliteDriver(preparedFile(given, create), given);
  try {
    return { driver, migration: await prepare(driver, given) };
  } catch (error) {
    await driver.close();
    throw error;
  }
}

async function prepare(driver: SqliteDriver, given: string): Promise<Migration> {
  const [{ application_id: application } = { application_id: 0 }] = driver.direct<{ application_id: number }>(
    'pragma application_id',
  );
  const [{ tables } = { tables: 0 }] = driver.direct<{ tables: number }>(
    'select count(*) as tables from sqlite_schema',
  );
  const isNew = tables === 0 && application === 0;
  if (!isNew && application !== APPLICATION)
    throw failure({
      code: 'store-refused',
      message: `${given} is an SQLite file of another program`,
      hint: 'name the file of a store, or a new one',
    });
  // It counts only before the first table is made.
  if (isNew) driver.direct('pragma auto_vacuum = incremental');
  driver.direct('pragma journal_mode = wal');
  driver.direct('pragma synchronous = normal');
  driver.direct('pragma cache_size = -65536');
  driver.direct('pragma case_sensitive_like = on');
  // What is forgotten is overwritten.
  driver.direct('pragma secure_delete = on');
  driver.direct(`pragma busy_timeout = ${INNER_WAIT_MS}`);
  return migrateSqlite(driver);
}

/** Also from version 0, a new file. Another process may be faster. */
export async function migrateSqlite(driver: SqliteDriver, to = SCHEMA_VERSION): Promise<Migration> {
  const version = await versionOf(driver);
  refuseNewer(version, driver.place);
  if (version >= to) return { from: version, to: version };
  return driver.transaction(async (sql) => {
    const [{ tables } = { tables: 0 }] = await sql.all<{ tables: number }>(
      'select count(*) as tables from sqlite_schema',
    );
    if (tables === 0) await sql.all(`pragma application_id = ${APPLICATION}`);
    return migrateSteps(sql, driver.dialect, tables === 0 ? 0 : await schemaVersion(sql), to);
  });
}

async function versionOf(driver: SqliteDriver): Promise<number> {
  const [row] = await driver.all("select 1 from sqlite_schema where name = 'meta'");
  return row === undefined ? 0 : schemaVersion(driver);
}
