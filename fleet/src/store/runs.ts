import type { StoredDump } from '../model/dump.js';
import { type Condition, inScope, storedDump, toScan } from './claims.js';
import { one, type Statements } from './driver.js';
import { prefixRange } from './listing.js';
import type { Verdict, WorkScope } from './store.js';

/** What a run asks: who works beside it, how far it is, how fast earlier scans were. */

export async function holdersOf(sql: Statements, scope: WorkScope): Promise<string[]> {
  const { text, values } = inScope(scope, Date.now());
  const isLeft = `${toScan(scope)} and ${text}`;
  const rows = await sql.all<{ worker: string }>(
    `select h.worker from hold_dump h join object o on o.id = h.dump where h.until > $2 and ${isLeft}
     union select c.worker from hold_content c join object o on o.sha256 = c.sha256
       where c.until > $2 and c.ruleset = $1 and ${isLeft}`,
    values,
  );
  return rows.map(({ worker }) => worker);
}

/** Of several scans of one content that under the rule set counts, else the newest. */
const SCAN_OF_CONTENT = `(select s.id from scan s join ruleset r on r.id = s.ruleset where s.sha256 = o.sha256
  order by case when r.digest = $1 then 0 else 1 end, s.at desc, s.id desc limit 1)`;

export async function verdictOf(
  sql: Statements,
  ruleset: string,
  prefixes: readonly string[],
): Promise<Verdict> {
  const { text, values } = within(prefixes, [ruleset]);
  return one<Verdict>(
    sql,
    `select cast(coalesce(sum(case when s.exit = 1 then 1 else 0 end), 0) as bigint) as "withFindings",
       cast(coalesce(sum(case when s.exit = 2 then 1 else 0 end), 0) as bigint) as incomplete,
       cast(coalesce(sum(case when o.done = 0 then 1 else 0 end), 0) as bigint) as pending
     from object o left join scan s on o.done = 1 and s.id = ${SCAN_OF_CONTENT}
     where o.gone_at is null${text}`,
    values,
  );
}

function within(prefixes: readonly string[], first: unknown[]): Condition {
  const values = [...first];
  const ranges = prefixes.map((prefix) => {
    values.push(...prefixRange(prefix));
    return `o.uri >= $${values.length - 1} and o.uri < $${values.length}`;
  });
  return { text: ranges.length === 0 ? '' : ` and (${ranges.join(' or ')})`, values };
}

/** Scans of the last ones that a rate is taken of. */
const RECENT = 10_000;

export async function rateOf(sql: Statements): Promise<number | undefined> {
  const { bytes, seconds } = await one<{ bytes: number; seconds: number }>(
    sql,
    `select cast(coalesce(sum(bytes), 0) as bigint) as bytes, coalesce(sum(seconds), 0) as seconds
     from (select bytes, seconds from scan order by at desc limit ${RECENT}) recent`,
  );
  return bytes > 0 && seconds > 0 ? bytes / seconds : undefined;
}

export async function dumpByUri(sql: Statements, uri: string): Promise<StoredDump | undefined> {
  const [row] = await sql.all<Parameters<typeof storedDump>[0]>(
    'select id, uri, version, size, sha256 from object where uri = $1',
    [uri],
  );
  return row && storedDump(row);
}
