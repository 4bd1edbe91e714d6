import { POSTGRES } from './dialect.js';
import type { Statements } from './driver.js';
import { SCHEMA } from './postgres-driver.js';
import { resultStatements, settling } from './results.js';

/**
 * Rights on a server. An admin lists, forgets and migrates; a worker stores results by one function and reads
 * none; a reader only reads. A user who logs in is a member of one of these.
 */
const ROLES = ['fleet_admin', 'fleet_worker', 'fleet_reader'] as const;

/** It runs with the rights of its owner: a worker has none on results. */
export function storeFunction(): string {
  const { scan, rest } = resultStatements(POSTGRES);
  const settle = settling({
    dump: "(given->>'dump')::integer",
    version: "given->>'version'",
    sha256: "given->>'sha256'",
    ruleset: "given->>'ruleset'",
  });
  const lines = (statements: readonly string[]) => statements.map((each) => `${each};`).join('\n');
  return `create or replace function ${SCHEMA}.store_scan(given jsonb) returns boolean
    language plpgsql security definer set search_path = ${SCHEMA}, pg_temp as $body$
    declare new_scan integer;
    begin
      ${scan} into new_scan;
      if new_scan is not null then
        ${lines(rest).replaceAll('$2', 'new_scan')}
      elsif not exists (select 1 from scan where sha256 = given->>'sha256') then
        raise exception 'unknown rule set %', given->>'ruleset';
      end if;
      ${lines(settle)}
      return new_scan is not null;
    end $body$`;
}

/** What a worker sees of a dump is what it needs to read it and to list it anew. */
const WORKER_GRANTS = [
  'select on meta, ruleset, target',
  'insert on ruleset, target',
  `select (id, uri, version, size, mtime, sha256, done, host_from, at_from, last_seen, gone_at),
    insert (uri, version, size, mtime, first_seen, last_seen),
    update (version, size, mtime, sha256, done, host, host_from, at, at_from, last_seen, gone_at) on object`,
  'select (id, sha256, ruleset) on scan',
  'select, insert, update, delete on failure, hold_dump, hold_content',
];

/** Schema of pg-boss. */
const QUEUE = 'pgboss';

/** Makes the roles, with their rights. False if they are missing and this user may not make roles. */
export async function grantRoles(sql: Statements): Promise<boolean> {
  const [user] = await sql.all<{ may: boolean }>(
    'select rolsuper or rolcreaterole as may from pg_roles where rolname = current_user',
  );
  for (const role of ROLES) {
    const known = await sql.all('select 1 from pg_roles where rolname = $1', [role]);
    if (known.length > 0) continue;
    if (user?.may !== true) return false;
    // Roles are of all databases of the server: another migration may be faster.
    await sql.all(`do $$ begin create role ${role} nologin;
      exception when duplicate_object or unique_violation then null; end $$`);
  }
  // Without the right to give its tables away, who made the store remains their owner.
  await sql.all('savepoint owner');
  try {
    await ownAll(sql);
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    await sql.all('rollback to savepoint owner');
  }
  await sql.all(`revoke all on all tables in schema ${SCHEMA} from fleet_worker, fleet_reader`);
  await sql.all(`revoke all on function ${SCHEMA}.store_scan(jsonb) from public`);
  await sql.all(`grant usage on schema ${SCHEMA} to ${ROLES.join(', ')}`);
  await sql.all(`grant all on all tables in schema ${SCHEMA} to fleet_admin`);
  await sql.all(`grant select on all tables in schema ${SCHEMA} to fleet_reader`);
  await sql.all(`grant execute on function ${SCHEMA}.store_scan(jsonb) to fleet_admin, fleet_worker`);
  for (const grant of WORKER_GRANTS) await sql.all(`grant ${grant} to fleet_worker`);
  await grantQueue(sql);
  return true;
}

/** Later migrations and the function of results run as this role, not as the superuser who made the store. */
async function ownAll(sql: Statements): Promise<void> {
  const [member] = await sql.all<{ is: boolean }>(
    "select pg_has_role(current_user, 'fleet_admin', 'member') as is",
  );
  if (member?.is !== true) return;
  const tables = await sql.all<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 and tableowner <> $2',
    [SCHEMA, 'fleet_admin'],
  );
  await sql.all(`alter schema ${SCHEMA} owner to fleet_admin`);
  for (const { name } of tables) await sql.all(`alter table ${SCHEMA}.${name} owner to fleet_admin`);
  await sql.all(`alter function ${SCHEMA}.store_scan(jsonb) owner to fleet_admin`);
}

/** A worker takes jobs and ends them. */
async function grantQueue(sql: Statements): Promise<void> {
  const schema = await sql.all('select 1 from pg_namespace where nspname = $1', [QUEUE]);
  if (schema.length === 0) return;
  const tables = `all tables in schema ${QUEUE} to fleet_admin, fleet_worker`;
  await sql.all(`grant usage on schema ${QUEUE} to ${ROLES.join(', ')}`);
  await sql.all(`grant select, insert, update, delete on ${tables}`);
  await sql.all(`grant select on all tables in schema ${QUEUE} to fleet_reader`);
  await sql.all(`grant execute on all functions in schema ${QUEUE} to fleet_admin, fleet_worker`);
}
