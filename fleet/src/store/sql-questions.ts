import type { FindStatus } from '../../../src/core/model/report.js';
import type { Asked, FoundIn, QueryFilter, RepeatedSecret, ShownDump } from '../model/answers.js';
import type { TargetAnswer } from '../model/scan-result.js';
import { isoTime, placeOf } from './columns.js';
import { type Driver, one } from './driver.js';
import { dumpCondition, matchingDumps, ruleCondition, Values } from './filters.js';
import { forgetDumps, forgetRuleset, forgettableDumps } from './forget.js';
import type { FailedDump, ForgetOnly, Forgotten, Questions, SecretNames, Standing } from './questions.js';
import { repeatedSecrets } from './repeated.js';
import {
  type FindingRow,
  SECRET,
  type SecretRow,
  SHOWN,
  SHOWN_FROM,
  type ShownRow,
  shownDump,
  shownFinding,
  shownSecret,
} from './rows.js';
import { standing } from './standing.js';

/** Dumps of one page: their findings are in memory at once. */
const PAGE = 200;

/** Questions over one of the drivers. */
export class SqlQuestions implements Questions {
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  get place(): string {
    return this.#driver.place;
  }

  async *findings(names: SecretNames | undefined, filter: QueryFilter): AsyncGenerator<FoundIn> {
    const secrets = names === undefined ? undefined : await this.#secretsOf(names, filter);
    if (secrets?.length === 0) return;
    for (let last = ''; ; ) {
      const dumps = await this.#dumpsWith(secrets, filter, last);
      if (dumps.length === 0) return;
      last = dumps.at(-1)!.uri;
      const byContent = await this.#findingsOf(
        dumps.map(({ sha256 }) => sha256!),
        secrets,
        filter,
      );
      for (const row of dumps) {
        const dump = shownDump(row);
        for (const found of byContent.get(row.sha256!) ?? []) yield { dump, ...found };
      }
      if (dumps.length < PAGE) return;
    }
  }

  async #secretsOf(names: SecretNames, filter: QueryFilter): Promise<number[]> {
    const values = new Values();
    const { dialect } = this.#driver;
    const parts = (['spki', 'ssh', 'jwk'] as const).flatMap((name) =>
      names[name] === undefined ? [] : [`k.${name} = ${values.add(names[name])}`],
    );
    const prints = names.fingerprints.filter((print) => print?.startsWith('v') === true);
    if (prints.length > 0)
      parts.push(`k.fingerprint in ${dialect.texts(values.add(JSON.stringify(prints)))}`);
    if (parts.length === 0) return [];
    const rule = ruleCondition(filter, values);
    const rows = await this.#driver.all<{ id: number }>(
      `select k.id from secret k where (${parts.join(' or ')})${rule}`,
      values.list,
    );
    return rows.map(({ id }) => id);
  }

  /** The next dumps by URI whose content has findings of these secrets. */
  async #dumpsWith(
    secrets: readonly number[] | undefined,
    filter: QueryFilter,
    last: string,
  ): Promise<ShownRow[]> {
    const values = new Values();
    const { dialect } = this.#driver;
    const parts = [
      await dumpCondition(this.#driver, filter, values),
      `o.uri > ${values.add(last)}`,
      'o.done = 1',
    ];
    if (secrets !== undefined)
      parts.push(`o.sha256 in (select s.sha256 from finding f join scan s on s.id = f.scan
        where f.secret in ${dialect.integers(values.add(JSON.stringify(secrets)))})`);
    return this.#driver.all<ShownRow>(
      `select ${SHOWN} from ${SHOWN_FROM} where ${parts.join(' and ')} order by o.uri limit ${PAGE}`,
      values.list,
    );
  }

  async #findingsOf(
    contents: readonly string[],
    secrets: readonly number[] | undefined,
    filter: QueryFilter,
  ): Promise<Map<string, Pick<FoundIn, 'secret' | 'finding'>[]>> {
    const values = new Values();
    const { dialect } = this.#driver;
    const of = dialect.texts(values.add(JSON.stringify([...new Set(contents)])));
    const only =
      secrets === undefined
        ? ''
        : ` and f.secret in ${dialect.integers(values.add(JSON.stringify(secrets)))}`;
    const rows = await this.#driver.all<SecretRow & FindingRow & { sha256: string; secret: number }>(
      `select s.sha256, f.secret, f.confidence, f.counts, f.occurrences, f.place, ${SECRET}
       from scan s join finding f on f.scan = s.id join secret k on k.id = f.secret
       where s.sha256 in ${of}${only}${ruleCondition(filter, values)}
       order by s.sha256, k.severity, k.rule, k.fingerprint, s.at desc, s.id desc`,
      values.list,
    );
    const byContent = new Map<string, Pick<FoundIn, 'secret' | 'finding'>[]>();
    let before: (typeof rows)[number] | undefined;
    for (const row of rows) {
      const isOlder = row.secret === before?.secret && row.sha256 === before.sha256;
      before = row;
      if (isOlder) continue;
      const list = byContent.get(row.sha256) ?? [];
      byContent.set(row.sha256, list);
      list.push({ secret: shownSecret(row), finding: shownFinding(row) });
    }
    return byContent;
  }

  async answers(
    digests: readonly string[],
    filter: QueryFilter,
  ): Promise<{ dump: ShownDump; answer: TargetAnswer }[]> {
    const values = new Values();
    const condition = await dumpCondition(this.#driver, filter, values);
    const targets = this.#driver.dialect.texts(values.add(JSON.stringify(digests)));
    const rows = await this.#driver.all<
      ShownRow & { target: string; status: FindStatus; complete: number; place: string | null }
    >(
      `select ${SHOWN}, t.digest as target, a.status, a.complete, a.place
       from answer a join target t on t.id = a.target join scan s on s.id = a.scan
         join object o on o.sha256 = s.sha256 and o.done = 1
         left join scan p on p.id = (select max(n.id) from scan n where n.sha256 = o.sha256)
       where t.digest in ${targets} and a.status <> 'absent' and ${condition}
       order by o.uri, case a.status when 'present' then 0 else 1 end, a.complete desc, s.at desc, s.id desc`,
      values.list,
    );
    const best = rows.filter(({ id }, index) => id !== rows[index - 1]?.id);
    return best.map((row) => ({
      dump: shownDump(row),
      answer: {
        target: row.target,
        status: row.status,
        complete: row.complete === 1,
        ...(row.place === null ? {} : { place: placeOf(row.place) }),
      },
    }));
  }

  async asked(digests: readonly string[], filter: QueryFilter): Promise<Asked> {
    const values = new Values();
    const condition = await dumpCondition(this.#driver, filter, values);
    const targets = this.#driver.dialect.texts(values.add(JSON.stringify(digests)));
    return one<Asked>(
      this.#driver,
      `select count(*) as dumps, cast(coalesce(sum(o.size), 0) as bigint) as bytes,
         cast(coalesce(sum(case when o.done = 0 then 1 else 0 end), 0) as bigint) as "notScanned",
         cast(coalesce(sum(case when o.done = 1 and c.sha256 is null then 1 else 0 end), 0) as bigint)
           as incomplete,
         cast(coalesce(sum(case when o.done = 1 and q.sha256 is not null then 1 else 0 end), 0) as bigint)
           as searched
       from object o
         left join (select distinct sha256 from scan where complete = 1) c on c.sha256 = o.sha256
         left join (select s.sha256 from answer a join scan s on s.id = a.scan
           join target t on t.id = a.target where t.digest in ${targets} group by s.sha256
           having max(case when a.status = 'present' then 2 when a.complete = 1 then 1 else 0 end) = 1) q
           on q.sha256 = o.sha256
       where ${condition}`,
      values.list,
    );
  }

  repeated(filter: QueryFilter): AsyncIterable<RepeatedSecret> {
    return repeatedSecrets(this.#driver, filter);
  }

  standing(): Promise<Standing> {
    return standing(this.#driver);
  }

  async *failures(): AsyncGenerator<FailedDump> {
    for (let last = { dead: 2, uri: '' }; ; ) {
      const rows = await this.#driver.all<
        ShownRow & { code: string; message: string; crashes: number; dead: number; failed_at: number }
      >(
        `select ${SHOWN}, f.code, f.message, f.crashes, f.dead, f.at as failed_at
         from ${SHOWN_FROM} join failure f on f.object = o.id and f.ruleset = (
           select m.ruleset from failure m where m.object = o.id
           order by m.dead desc, m.at desc, m.ruleset desc limit 1)
         where o.done = 0 and o.gone_at is null and (f.dead < $1 or (f.dead = $1 and o.uri > $2))
         order by f.dead desc, o.uri limit ${PAGE}`,
        [last.dead, last.uri],
      );
      for (const row of rows)
        yield {
          dump: shownDump(row),
          code: row.code,
          message: row.message,
          crashes: row.crashes,
          dead: row.dead === 1,
          at: isoTime(row.failed_at),
        };
      const end = rows.at(-1);
      if (end === undefined) return;
      last = end;
    }
  }

  forgettable(dumps: readonly string[], only: ForgetOnly = {}): Promise<Forgotten> {
    return forgettableDumps(this.#driver, dumps, only);
  }

  forget(dumps: readonly string[], only: ForgetOnly = {}): Promise<Forgotten> {
    return forgetDumps(this.#driver, dumps, only);
  }

  async forgetFailures(dumps: readonly string[]): Promise<number> {
    const ids = JSON.stringify(await matchingDumps(this.#driver, dumps.length === 0 ? ['**'] : dumps));
    return this.#driver.transaction(async (sql) => {
      const rows = await sql.all<{ object: number }>(
        `delete from failure where object in ${this.#driver.dialect.integers('$1')} returning object`,
        [ids],
      );
      return new Set(rows.map(({ object }) => object)).size;
    });
  }

  forgetRuleset(digest: string): Promise<Forgotten> {
    return forgetRuleset(this.#driver, digest);
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}
