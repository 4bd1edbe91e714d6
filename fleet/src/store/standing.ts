import { isoTime } from './columns.js';
import { type Driver, one } from './driver.js';
import type { Standing } from './questions.js';

const MOST_LIMITS = 20;

const sum = (condition: string, what = '1') =>
  `cast(coalesce(sum(case when ${condition} then ${what} else 0 end), 0) as bigint)`;

const LISTED = 'o.gone_at is null';
const FAILED = 'f.object is not null';
/** Dead, or not tried before the next listing, under one rule set at least. */
const GIVEN_UP = `${FAILED} and f.given_up = 1`;

type Counts = Omit<Standing, 'rulesets' | 'limits' | 'contents'>;

const COUNTS = `select
    ${sum(LISTED)} as dumps, ${sum(LISTED, 'o.size')} as bytes,
    ${sum(`${LISTED} and o.done = 1`)} as done,
    ${sum(`${LISTED} and o.done = 1 and c.sha256 is null`)} as incomplete,
    ${sum(`${LISTED} and o.done = 0 and not (${GIVEN_UP})`)} as pending,
    ${sum(`${LISTED} and o.done = 0 and not (${GIVEN_UP})`, 'o.size')} as "pendingBytes",
    ${sum(`${LISTED} and o.done = 0 and ${FAILED}`)} as failed,
    ${sum(`${LISTED} and o.done = 0 and f.dead = 1`)} as dead,
    ${sum('o.gone_at is not null')} as gone
  from object o
    left join (select distinct sha256 from scan where complete = 1) c on c.sha256 = o.sha256
    left join (select object, max(dead) as dead,
        max(case when dead = 1 or retry_at is null then 1 else 0 end) as given_up
      from failure group by object) f on f.object = o.id`;

const CONTENTS = `select count(distinct o.sha256) as contents from object o where o.done = 1 and ${LISTED}`;

const RULESETS = `select r.version, r.digest, r.targets, count(*) as scans, max(s.at) as last
  from ruleset r join scan s on s.ruleset = r.id group by r.version, r.digest, r.targets
  order by max(s.at) desc, r.digest`;

/** How far the work is. */
export async function standing(driver: Driver): Promise<Standing> {
  const counts = await one<Counts>(driver, COUNTS);
  const { contents } = await one<{ contents: number }>(driver, CONTENTS);
  const rulesets = await driver.all<{
    version: string;
    digest: string;
    targets: string;
    scans: number;
    last: number;
  }>(RULESETS);
  const limits = await driver.all<{ limits: string; scans: number }>(
    'select limits, count(*) as scans from scan group by limits',
  );
  const byCode = new Map<string, number>();
  for (const { limits: codes, scans } of limits)
    for (const code of JSON.parse(codes) as string[]) byCode.set(code, (byCode.get(code) ?? 0) + scans);
  return {
    ...counts,
    contents,
    rulesets: rulesets.map(({ targets, last, ...rest }) => ({
      ...rest,
      targets: (JSON.parse(targets) as string[]).length,
      lastAt: isoTime(last),
    })),
    limits: [...byCode]
      .map(([code, scans]) => ({ code, scans }))
      .sort((a, b) => b.scans - a.scans || (a.code < b.code ? -1 : 1))
      .slice(0, MOST_LIMITS),
  };
}
