import type { StoredDump } from '../model/dump.js';
import { compact, time } from './columns.js';
import { type Driver, one, type Statements } from './driver.js';
import { prefixRange } from './listing.js';
import type { Pending, WorkScope } from './store.js';

/** Who scans what: dumps without a scan, and leases on them and on contents. */

interface DumpRow {
  id: number;
  uri: string;
  version: string;
  size: number;
  sha256: string | null;
}

const DUMP = 'o.id, o.uri, o.version, o.size, o.sha256';

export const storedDump = (row: DumpRow): StoredDump => compact<StoredDump>({ ...row });

/** A condition with its values: placeholders continue those before. */
export interface Condition {
  text: string;
  values: unknown[];
}

/** No failure keeps it back. `$1` is the rule set, `$2` the present time. */
const FAILED = `select 1 from failure f join ruleset r on r.id = f.ruleset
  where f.object = o.id and r.digest = $1`;
const isAllowed = `not exists (${FAILED} and (f.dead = 1 or f.retry_at is null))`;
const isDue = `not exists (${FAILED} and (f.dead = 1 or f.retry_at is null or f.retry_at > $2))`;

const isScanned = `exists (select 1 from scan s
  where s.sha256 = o.sha256 and s.ruleset = (select id from ruleset where digest = $1))`;

/** In the scope, and listed. Values start with the rule set and the time. `uri`: column or expression. */
export function inScope(scope: WorkScope, now: number, uri = 'o.uri'): Condition {
  const values: unknown[] = [scope.ruleset, now];
  const ranges = scope.prefixes.map((prefix) => {
    values.push(...prefixRange(prefix));
    return `${uri} >= $${values.length - 1} and ${uri} < $${values.length}`;
  });
  const within = ranges.length === 0 ? '' : ` and (${ranges.join(' or ')})`;
  return { text: `o.gone_at is null${within}`, values };
}

export const toScan = ({ rescan }: WorkScope): string =>
  rescan ? `(o.done = 0 or not ${isScanned})` : 'o.done = 0';

export async function pendingWork(sql: Statements, scope: WorkScope): Promise<Pending> {
  const { text, values } = inScope(scope, Date.now());
  const left = await one<{ dumps: number; bytes: number; waiting: number }>(
    sql,
    `select count(*) as dumps, cast(coalesce(sum(o.size), 0) as bigint) as bytes,
       cast(coalesce(sum(case when ${isDue} then 0 else 1 end), 0) as bigint) as waiting
     from object o where o.done = 0 and ${text} and ${isAllowed}`,
    values,
  );
  const other = await one<{ contents: number; bytes: number }>(
    sql,
    `select count(*) as contents, cast(coalesce(sum(size), 0) as bigint) as bytes from (
       select o.sha256, max(o.size) as size from object o
       where o.done = 1 and ${text} and not ${isScanned} and ${isDue} group by o.sha256) contents`,
    values,
  );
  return { ...left, otherRules: other.contents, otherBytes: other.bytes };
}

export async function waitingDumps(
  sql: Statements,
  scope: WorkScope,
  after: number,
  most: number,
): Promise<StoredDump[]> {
  const { text, values } = inScope(scope, Date.now());
  const rows = await sql.all<DumpRow>(
    `select ${DUMP} from object o where ${toScan(scope)} and ${text} and ${isDue}
       and o.id > $${values.length + 1} order by o.id limit $${values.length + 2}`,
    [...values, after, most],
  );
  return rows.map(storedDump);
}

/** Attempts where others on the server take the same dumps first. */
const TRIES = 50;

export function claimDumps(
  driver: Driver,
  scope: WorkScope,
  worker: string,
  until: string,
  most: number,
  after?: Pick<StoredDump, 'size' | 'id'>,
): Promise<StoredDump[]> {
  const { dialect } = driver;
  return driver.transaction(async (sql) => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const now = Date.now();
      // The index by size gives the first ones at once; by that of uris all are read and sorted.
      const { text, values } = inScope(scope, now, "(o.uri || '')");
      const rows = await sql.all<DumpRow>(
        `select ${DUMP} from object o where ${toScan(scope)} and ${text} and ${isDue}
           and not exists (select 1 from hold_dump h where h.dump = o.id and h.until > $2)
           and (o.sha256 is null or not exists (
             select 1 from hold_content c where c.sha256 = o.sha256 and c.until > $2))
           and (o.sha256 is null or not exists (
             select 1 from object p join hold_dump h on h.dump = p.id
             where p.sha256 = o.sha256 and h.until > $2))
           and (o.size, o.id) > (cast($${values.length + 2} as bigint), cast($${values.length + 3} as bigint))
         order by o.size, o.id limit $${values.length + 1}`,
        [...values, most, after?.size ?? -1, after?.id ?? -1],
      );
      if (rows.length === 0) return [];
      const seen = new Set<string>();
      const single = rows.filter(({ sha256 }) => sha256 === null || (!seen.has(sha256) && seen.add(sha256)));
      const held = await sql.all<{ dump: number }>(
        `insert into hold_dump (dump, worker, until)
         select r.id, cast($2 as text), cast($3 as bigint) 
         from ${dialect.rows('$1', { id: 'int' })} where true
         on conflict (dump) do update set worker = excluded.worker, until = excluded.until
           where hold_dump.until <= $4
         returning dump`,
        [JSON.stringify(single.map(({ id }) => ({ id }))), worker, time(until), now],
      );
      if (held.length === 0) continue;
      // Another process may have settled one between the two statements, which also ended its hold.
      const ids = JSON.stringify(held.map(({ dump }) => dump));
      const left = await sql.all<DumpRow>(
        `select ${DUMP} from object o where ${toScan(scope)} and ${text} and ${isDue}
           and o.id in ${dialect.integers(`$${values.length + 1}`)} order by o.size, o.id`,
        [...values, ids],
      );
      if (left.length < held.length)
        await sql.all(
          `delete from hold_dump where dump in ${dialect.integers('$1')}
             and dump not in ${dialect.integers('$2')}`,
          [ids, JSON.stringify(left.map(({ id }) => id))],
        );
      if (left.length > 0) return left.map(storedDump);
    }
    return [];
  });
}

const SCAN_OF = `select 1 from scan s join ruleset r on r.id = s.ruleset
  where s.sha256 = $1 and r.digest = $2`;

export async function hasScan(sql: Statements, sha256: string, ruleset: string): Promise<boolean> {
  return (await sql.all(SCAN_OF, [sha256, ruleset])).length > 0;
}

export function holdContent(
  driver: Driver,
  sha256: string,
  ruleset: string,
  worker: string,
  until: string,
  dump: StoredDump | undefined,
): Promise<boolean> {
  return driver.transaction(async (sql) => {
    // Copies are recognised by it, also if the scan fails.
    if (dump !== undefined)
      await sql.all('update object set sha256 = $1 where id = $2 and version = $3 and done = 0', [
        sha256,
        dump.id,
        dump.version,
      ]);
    if (await hasScan(sql, sha256, ruleset)) return false;
    const held = await sql.all(
      `insert into hold_content (sha256, ruleset, worker, until, dump) values ($1, $2, $3, $4, $5)
       on conflict (sha256, ruleset) do update
         set worker = excluded.worker, until = excluded.until, dump = excluded.dump
         where hold_content.until <= $6 returning 1 as held`,
      [sha256, ruleset, worker, time(until), dump?.id ?? null, Date.now()],
    );
    // Its scan may have been stored between: then the hold is of no use.
    if (held.length === 0 || !(await hasScan(sql, sha256, ruleset))) return held.length > 0;
    await sql.all('delete from hold_content where sha256 = $1 and ruleset = $2', [sha256, ruleset]);
    return false;
  });
}

export function renewHolds(driver: Driver, worker: string, until: string): Promise<void> {
  return driver.transaction(async (sql) => {
    for (const table of ['hold_dump', 'hold_content'])
      await sql.all(`update ${table} set until = $2 where worker = $1`, [worker, time(until)]);
  });
}

export function releaseHolds(driver: Driver, worker: string, dumps?: readonly number[]): Promise<void> {
  return driver.transaction(async (sql) => {
    const only = dumps === undefined ? '' : ` and dump in ${driver.dialect.integers('$2')}`;
    const values = dumps === undefined ? [worker] : [worker, JSON.stringify(dumps)];
    for (const table of ['hold_dump', 'hold_content'])
      await sql.all(`delete from ${table} where worker = $1${only}`, values);
  });
}
