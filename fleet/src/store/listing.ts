import type { ListCounts, ListedDump } from '../model/dump.js';
import { factTime, plainJson, time } from './columns.js';
import type { Driver } from './driver.js';

/** What is listed: statements over the table object. */

/** Uris that begin with a prefix: at least the first, below the second. */
export const prefixRange = (prefix: string): [from: string, to: string] => [prefix, `${prefix}\u{10ffff}`];

const COLUMNS = {
  uri: 'text',
  version: 'text',
  size: 'big',
  mtime: 'big',
  host: 'text',
  at: 'big',
  source: 'text',
} as const;

/** The old content is not that of a new version: the dump is to be scanned. */
const isSame = 'object.version = excluded.version and object.size = excluded.size';

export async function listDumps(
  driver: Driver,
  dumps: readonly ListedDump[],
  now: string,
): Promise<ListCounts> {
  const { dialect } = driver;
  const byUri = new Map(dumps.map((dump) => [dump.uri, dump]));
  const rows = [...byUri.values()]
    .sort((a, b) => (a.uri < b.uri ? -1 : 1))
    .map((dump) => ({
      uri: dump.uri,
      version: dump.version,
      size: dump.size,
      mtime: factTime(dump.mtime),
      host: dump.host ?? null,
      at: factTime(dump.dumpedAt),
      source: dump.factsFrom ?? 'label',
    }));
  const given = plainJson(rows);
  const hasFacts = rows.some(({ host, at }) => host !== null || at !== null);
  const from = dialect.rows('$1', COLUMNS);
  const listed = `select id from object where uri in ${dialect.texts('$1')}`;

  return driver.transaction(async (sql) => {
    const uris = JSON.stringify([...byUri.keys()]);
    const before = await sql.all<{ uri: string; version: string; size: number }>(
      `select uri, version, size from object where uri in ${dialect.texts('$1')}`,
      [uris],
    );
    const changed = before
      .filter(
        ({ uri, version, size }) => byUri.get(uri)!.version !== version || byUri.get(uri)!.size !== size,
      )
      .map(({ uri }) => uri);
    await sql.all(
      `insert into object (uri, version, size, mtime, first_seen, last_seen)
       select r.uri, r.version, r.size, r.mtime, cast($2 as bigint), cast($2 as bigint)
       from ${from} where true
       on conflict (uri) do update set version = excluded.version, size = excluded.size,
         mtime = excluded.mtime, last_seen = excluded.last_seen, gone_at = null,
         sha256 = case when ${isSame} then object.sha256 end,
         done = case when ${isSame} then object.done else 0 end`,
      [given, time(now)],
    );
    if (hasFacts)
      for (const fact of ['host', 'at'])
        await sql.all(
          `update object set ${fact} = r.${fact}, ${fact}_from = r.source from ${from}
           where object.uri = r.uri and r.${fact} is not null
             and (r.source = 'label' or object.${fact}_from is null or object.${fact}_from <> 'label')`,
          [given],
        );
    if (changed.length > 0)
      await sql.all(`delete from failure where object in (${listed})`, [JSON.stringify(changed)]);
    // A new listing lets what failed be tried once more.
    await sql.all(
      `update failure set retry_at = 0 where dead = 0 and retry_at is null and object in (${listed})`,
      [uris],
    );
    return {
      added: byUri.size - before.length,
      changed: changed.length,
      unchanged: before.length - changed.length,
    };
  });
}

export function markGone(driver: Driver, prefix: string, before: string): Promise<number> {
  return driver.transaction(
    async (sql) => {
      const rows = await sql.all(
        `update object set gone_at = $4
       where uri >= $1 and uri < $2 and last_seen < $3 and gone_at is null returning id`,
        [...prefixRange(prefix), time(before), Date.now()],
      );
      return rows.length;
    },
    { isLong: true },
  );
}
