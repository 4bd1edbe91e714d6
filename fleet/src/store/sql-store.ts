import type { ListCounts, ListedDump, StoredDump } from '../model/dump.js';
import type { Ruleset } from '../model/ruleset.js';
import type { ScanResult } from '../model/scan-result.js';
import type { Target } from '../model/target.js';
import {
  claimDumps,
  hasScan,
  holdContent,
  pendingWork,
  releaseHolds,
  renewHolds,
  storedDump,
  waitingDumps,
} from './claims.js';
import { answersDigest } from './digest.js';
import type { Driver, Statements } from './driver.js';
import { listDumps, markGone } from './listing.js';
import type { Questions } from './questions.js';
import { countFailure, linkDump, storeResult } from './results.js';
import { dumpByUri, holdersOf, rateOf, verdictOf } from './runs.js';
import { SqlQuestions } from './sql-questions.js';
import type { Failure, Pending, Store, Transaction, Verdict, WorkScope } from './store.js';

/** A statement of the caller in the transaction of the store. */
const within = (sql: Statements): Transaction => ({
  executeSql: async (text, values) => ({ rows: await sql.all(text, values) }),
});

/** A store over one of the drivers: the statements are the same. */
export class SqlStore implements Store {
  readonly questions: Questions;
  readonly #driver: Driver;
  readonly #check: () => Promise<readonly string[]>;

  constructor(driver: Driver, check: () => Promise<readonly string[]>) {
    this.#driver = driver;
    this.#check = check;
    this.questions = new SqlQuestions(driver);
  }

  get kind(): 'sqlite' | 'postgres' {
    return this.#driver.dialect.kind;
  }

  get place(): string {
    return this.#driver.place;
  }

  useRuleset(ruleset: Ruleset, targets: readonly Target[]): Promise<void> {
    return this.#driver.transaction(async (sql) => {
      await sql.all(
        `insert into ruleset (digest, version, rules, effort, options, targets)
         values ($1, $2, $3, $4, $5, $6) on conflict (digest) do nothing`,
        [
          ...[ruleset.digest, ruleset.version, ruleset.rules, ruleset.effort],
          ...[JSON.stringify(ruleset.options), JSON.stringify(ruleset.targets)],
        ],
      );
      for (const target of [...targets].sort((a, b) => (a.digest < b.digest ? -1 : 1)))
        await sql.all(
          `insert into target (digest, name, asked_by, spki, ssh, jwk, fingerprints)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict (digest) do nothing`,
          [
            ...[target.digest, target.name, target.askedBy, target.spki ?? null, target.ssh ?? null],
            ...[target.jwk ?? null, JSON.stringify(target.fingerprints)],
          ],
        );
    });
  }

  list(dumps: readonly ListedDump[], now: string): Promise<ListCounts> {
    return listDumps(this.#driver, dumps, now);
  }

  markGone(prefix: string, before: string): Promise<number> {
    return markGone(this.#driver, prefix, before);
  }

  pending(scope: WorkScope): Promise<Pending> {
    return pendingWork(this.#driver, scope);
  }

  claim(...given: Parameters<Store['claim']>): Promise<readonly StoredDump[]> {
    return claimDumps(this.#driver, ...given);
  }

  waiting(scope: WorkScope, after: number, most: number): Promise<readonly StoredDump[]> {
    return waitingDumps(this.#driver, scope, after, most);
  }

  claimContent(
    sha256: string,
    ruleset: string,
    worker: string,
    until: string,
    dump?: StoredDump,
  ): Promise<boolean> {
    return holdContent(this.#driver, sha256, ruleset, worker, until, dump);
  }

  renew(worker: string, until: string): Promise<void> {
    return renewHolds(this.#driver, worker, until);
  }

  release(worker: string, dumps?: readonly number[]): Promise<void> {
    return releaseHolds(this.#driver, worker, dumps);
  }

  async dump(id: number): Promise<StoredDump | undefined> {
    const [row] = await this.#driver.all<Parameters<typeof storedDump>[0]>(
      'select id, uri, version, size, sha256 from object where id = $1',
      [id],
    );
    return row === undefined ? undefined : storedDump(row);
  }

  holders(scope: WorkScope): Promise<readonly string[]> {
    return holdersOf(this.#driver, scope);
  }

  byUri(uri: string): Promise<StoredDump | undefined> {
    return dumpByUri(this.#driver, uri);
  }

  verdict(ruleset: string, prefixes: readonly string[]): Promise<Verdict> {
    return verdictOf(this.#driver, ruleset, prefixes);
  }

  rate(): Promise<number | undefined> {
    return rateOf(this.#driver);
  }

  async hasSize(size: number, but: number): Promise<boolean> {
    const rows = await this.#driver.all('select 1 from object where size = $1 and id <> $2 limit 1', [
      size,
      but,
    ]);
    return rows.length > 0;
  }

  isScanned(sha256: string, ruleset: string): Promise<boolean> {
    return hasScan(this.#driver, sha256, ruleset);
  }

  link(dump: StoredDump, sha256: string, more?: (sql: Transaction) => Promise<void>): Promise<void> {
    return this.#driver.transaction(async (sql) => {
      await linkDump(sql, dump, sha256);
      await more?.(within(sql));
    });
  }

  store(dump: StoredDump, result: ScanResult, more?: (sql: Transaction) => Promise<void>): Promise<boolean> {
    return this.#driver.transaction(async (sql) => {
      const stored = await storeResult(sql, this.#driver.dialect, dump, result);
      await more?.(within(sql));
      return stored;
    });
  }

  fail(
    dump: StoredDump,
    ruleset: string,
    what: { isCrash: boolean; code: string; message: string; isTemporary: boolean },
    more?: (sql: Transaction, failure: Failure) => Promise<void>,
  ): Promise<Failure> {
    return this.#driver.transaction(
      async (sql) => {
        const counted = await countFailure(sql, dump, ruleset, what);
        await more?.(within(sql), counted);
        return counted;
      },
      { once: true },
    );
  }

  digest(): Promise<string> {
    return answersDigest(this.#driver);
  }

  check(): Promise<readonly string[]> {
    return this.#check();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}
