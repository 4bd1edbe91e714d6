import type { QueryFilter, RepeatedSecret } from '../model/answers.js';
import { isoTime } from './columns.js';
import { type Driver, one } from './driver.js';
import { dumpCondition, ruleCondition, Values } from './filters.js';
import { SECRET, type SecretRow, shownSecret } from './rows.js';

/** Secrets whose details are looked up at once. */
const BATCH = 100;

/** Most callers show the first ones alone. */
const FIRST = 200;

/** Secrets in more than one content, those in most first. */
export async function* repeatedSecrets(driver: Driver, filter: QueryFilter): AsyncGenerator<RepeatedSecret> {
  const scans = await scansOf(driver);
  const isPlain = scans.areSingle && scans.areListed && isOfAllDumps(filter);
  const counted = isPlain ? byIndex : byContents;
  for (const part of [`limit ${FIRST}`, `limit ${2 ** 40} offset ${FIRST}`]) {
    const ids = await counted(driver, filter, scans.areSingle, part);
    for (let start = 0; start < ids.length; start += BATCH)
      yield* await details(driver, filter, ids.slice(start, start + BATCH));
    if (ids.length < FIRST) return;
  }
}

const isOfAllDumps = ({ since, host, file }: QueryFilter): boolean =>
  [since, host, file].every((each) => each === undefined);

interface Scans {
  /** Each content has one. */
  areSingle: boolean;
  /** Each is of the content of a dump that is listed. */
  areListed: boolean;
}

async function scansOf(driver: Driver): Promise<Scans> {
  const { scans, contents, listed } = await one<{ scans: number; contents: number; listed: number }>(
    driver,
    `select (select count(*) from scan) as scans, (select count(distinct sha256) from scan) as contents,
       (select count(distinct o.sha256) from object o where o.done = 1 and o.gone_at is null) as listed`,
  );
  return { areSingle: scans === contents, areListed: listed === contents };
}

/**
 * Findings to be grouped by secret. Unless they are in order PostgreSQL makes a hash table of them: 550 ms
 * for 1,000,000 instead of 190. SQLite would sort them: 260 ms instead of 85.
 */
const GROUPED = { postgres: '(select secret from finding order by secret) f', sqlite: 'finding' } as const;

/** Findings are contents here: the index of findings by secret answers alone, ten times as fast as a join. */
async function byIndex(
  driver: Driver,
  filter: QueryFilter,
  _areSingle: boolean,
  part: string,
): Promise<number[]> {
  const values = new Values();
  const rule = ruleCondition(filter, values);
  const counts =
    rule === ''
      ? `select secret, count(*) as contents from ${GROUPED[driver.dialect.kind]}
         group by secret having count(*) > 1`
      : `select f.secret, count(*) as contents from secret k join finding f on f.secret = k.id
         where true${rule} group by f.secret having count(*) > 1`;
  return orderedIds(driver, counts, part, '', values);
}

async function byContents(
  driver: Driver,
  filter: QueryFilter,
  areSingle: boolean,
  part: string,
): Promise<number[]> {
  const values = new Values();
  const condition = await dumpCondition(driver, filter, values);
  const contents = areSingle ? 'count(*)' : 'count(distinct s.sha256)';
  const counts = `select f.secret, ${contents} as contents from scan s join finding f on f.scan = s.id
    where s.sha256 in (select o.sha256 from object o where o.done = 1 and ${condition})
    group by f.secret having ${contents} > 1`;
  return orderedIds(driver, counts, part, ruleCondition(filter, values), values);
}

async function orderedIds(
  driver: Driver,
  counts: string,
  part: string,
  condition: string,
  values: Values,
): Promise<number[]> {
  const rows = await driver.all<{ id: number }>(
    `select n.secret as id from (${counts}) n join secret k on k.id = n.secret where true${condition}
     order by n.contents desc, k.fingerprint ${part}`,
    values.list,
  );
  return rows.map(({ id }) => id);
}

interface DetailRow extends SecretRow {
  id: number;
  contents: number;
  dumps: number;
  first: number | null;
  last: number | null;
}

async function details(
  driver: Driver,
  filter: QueryFilter,
  ids: readonly number[],
): Promise<RepeatedSecret[]> {
  const values = new Values();
  const condition = await dumpCondition(driver, filter, values);
  const of = driver.dialect.integers(values.add(JSON.stringify(ids)));
  const found = `from finding f join scan s on s.id = f.scan join object o on o.sha256 = s.sha256
    where f.secret in ${of} and o.done = 1 and ${condition}`;
  const at = 'coalesce(o.at, s.dumped_at, o.mtime)';
  const rows = await driver.all<DetailRow>(
    `select k.id, ${SECRET}, n.contents, n.dumps, n.first, n.last from (
       select f.secret, count(distinct s.sha256) as contents, count(distinct o.id) as dumps,
         min(${at}) as first, max(${at}) as last ${found} group by f.secret) n
     join secret k on k.id = n.secret`,
    values.list,
  );
  const hosts = await driver.all<{ secret: number; host: string }>(
    `select distinct f.secret, o.host ${found} and o.host is not null order by o.host`,
    values.list,
  );
  const hostsOf = new Map<number, string[]>(ids.map((id) => [id, []]));
  for (const { secret, host } of hosts) hostsOf.get(secret)!.push(host);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (row === undefined) return [];
    return [
      {
        secret: shownSecret(row),
        contents: row.contents,
        dumps: row.dumps,
        hosts: hostsOf.get(id)!,
        ...(row.first === null ? {} : { firstAt: isoTime(row.first) }),
        ...(row.last === null ? {} : { lastAt: isoTime(row.last) }),
      },
    ];
  });
}
