import { time } from './columns.js';
import { type Driver, one, type Statements } from './driver.js';
import { hostIs, matchingDumps, Values, WRITTEN_AT } from './filters.js';
import type { ForgetOnly, Forgotten } from './questions.js';

const MOST_NAMED = 10;

interface Doomed {
  dumps: { id: number; uri: string }[];
  scans: number[];
  secrets: number[];
  findings: number;
}

/** Dumps that are selected, by URI. */
async function selected(
  driver: Driver,
  globs: readonly string[],
  { host, before, gone }: ForgetOnly,
): Promise<Doomed['dumps']> {
  const values = new Values();
  const parts = ['true'];
  if (globs.length > 0) {
    const ids = JSON.stringify(await matchingDumps(driver, globs));
    parts.push(`o.id in ${driver.dialect.integers(values.add(ids))}`);
  }
  if (host !== undefined) parts.push(hostIs(host, values));
  if (before !== undefined) parts.push(`${WRITTEN_AT} < ${values.add(time(before))}`);
  if (gone === true) parts.push('o.gone_at is not null');
  return driver.all(
    `select o.id, o.uri from object o where ${parts.join(' and ')} order by o.uri`,
    values.list,
  );
}

/** What goes with scans: secrets whose findings are all of them. */
async function doomedBy(
  sql: Statements,
  driver: Driver,
  dumps: Doomed['dumps'],
  scans: readonly number[],
): Promise<Doomed> {
  const of = driver.dialect.integers('$1');
  const given = [JSON.stringify(scans)];
  const secrets = await sql.all<{ id: number }>(
    `select f.secret as id from finding f where f.scan in ${of} group by f.secret
     having count(*) = (select count(*) from finding g where g.secret = f.secret)`,
    given,
  );
  const { n } = await one<{ n: number }>(sql, `select count(*) as n from finding where scan in ${of}`, given);
  return { dumps, scans: [...scans], secrets: secrets.map(({ id }) => id), findings: n };
}

/** Scans of content that only these dumps have, and those that no dump has: of versions before. */
async function doomed(sql: Statements, driver: Driver, dumps: Doomed['dumps']): Promise<Doomed> {
  const scans = await sql.all<{ id: number }>(
    `select s.id from scan s where s.sha256 not in (
       select o.sha256 from object o where o.sha256 is not null
         and o.id not in ${driver.dialect.integers('$1')})`,
    [JSON.stringify(dumps.map(({ id }) => id))],
  );
  return doomedBy(
    sql,
    driver,
    dumps,
    scans.map(({ id }) => id),
  );
}

const forgotten = ({ dumps, scans, secrets, findings }: Doomed): Forgotten => ({
  dumps: dumps.length,
  scans: scans.length,
  findings,
  secrets: secrets.length,
  first: dumps.slice(0, MOST_NAMED).map(({ uri }) => uri),
});

async function remove(sql: Statements, driver: Driver, { dumps, scans, secrets }: Doomed): Promise<void> {
  const rows: readonly [rows: string, ids: readonly number[]][] = [
    ['finding where scan', scans],
    ['answer where scan', scans],
    ['scan where id', scans],
    ['secret where id', secrets],
    ...['failure where object', 'hold_dump where dump', 'hold_content where dump', 'object where id'].map(
      (where): [string, readonly number[]] => [where, dumps.map(({ id }) => id)],
    ),
  ];
  for (const [where, ids] of rows)
    if (ids.length > 0)
      await sql.all(`delete from ${where} in ${driver.dialect.integers('$1')}`, [JSON.stringify(ids)]);
}

export async function forgettableDumps(
  driver: Driver,
  globs: readonly string[],
  only: ForgetOnly,
): Promise<Forgotten> {
  return forgotten(await doomed(driver, driver, await selected(driver, globs, only)));
}

export async function forgetDumps(
  driver: Driver,
  globs: readonly string[],
  only: ForgetOnly,
): Promise<Forgotten> {
  const dumps = await selected(driver, globs, only);
  const result = await driver.transaction(
    async (sql) => {
      const all = await doomed(sql, driver, dumps);
      await remove(sql, driver, all);
      return forgotten(all);
    },
    { isLong: true },
  );
  await driver.shrink();
  return result;
}

export async function forgetRuleset(driver: Driver, digest: string): Promise<Forgotten> {
  const result = await driver.transaction(
    async (sql) => {
      const scans = await sql.all<{ id: number }>(
        'select s.id from scan s join ruleset r on r.id = s.ruleset where r.digest = $1',
        [digest],
      );
      const all = await doomedBy(
        sql,
        driver,
        [],
        scans.map(({ id }) => id),
      );
      await remove(sql, driver, all);
      await sql.all('delete from failure where ruleset in (select id from ruleset where digest = $1)', [
        digest,
      ]);
      await sql.all('update object set done = 0 where done = 1 and sha256 not in (select sha256 from scan)');
      return forgotten(all);
    },
    { isLong: true },
  );
  await driver.shrink();
  return result;
}
