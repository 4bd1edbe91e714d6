import { setTimeout as sleep } from 'node:timers/promises';
import type Database from 'libsql';
import { lazy } from '../../../src/core/base/runtime/lazy.js';
import { failure } from '../host.js';
import { SQLITE } from './dialect.js';
import type { Driver, SqlValues, Statements } from './driver.js';

/** Loaded late: a store on a server has no use for it. */
const library = lazy((require) => require('libsql') as typeof Database);

/** Patience for other writers. */
const BUSY_MS = 30_000;

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '');

/** Other transactions of this process wait in a line: one connection has one transaction at a time. */
export class SqliteDriver implements Driver {
  readonly dialect = SQLITE;
  readonly place: string;
  readonly #database: Database.Database;
  readonly #prepared = new Map<string, Database.Statement>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, place: string) {
    this.place = place;
    this.#database = this.#coded(() => new (library())(path, { timeout: BUSY_MS }));
  }

  /** Runs a statement at once: the caller knows that no transaction is open. */
  direct<R>(sql: string, values: SqlValues = []): R[] {
    return this.#coded(() => {
      let statement = this.#prepared.get(sql);
      if (statement === undefined) {
        statement = this.#database.prepare(sql.replace(/\$(\d+)/g, '?$1'));
        this.#prepared.set(sql, statement);
      }
      if (statement.reader) return statement.all([...values]) as R[];
      statement.run([...values]);
      return [];
    });
  }

  all<R>(sql: string, values?: SqlValues): Promise<R[]> {
    return this.#inTurn(() => this.#patient(() => this.direct<R>(sql, values)));
  }

  transaction<T>(body: (sql: Statements) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#patient(() => this.#database.exec('begin immediate'));
      try {
        const inside: Statements = { all: async (sql, values) => this.direct(sql, values) };
        const result = await body(inside);
        this.#coded(() => this.#database.exec('commit'));
        return result;
      } catch (error) {
        if (this.#database.inTransaction) this.#database.exec('rollback');
        throw error;
      }
    });
  }

  /** What SQLite's own check reports; empty if all is well. */
  async integrity(): Promise<string[]> {
    const rows = await this.all<{ integrity_check: string }>('pragma integrity_check');
    return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
  }

  /** The file, and its log, which has pages of before. A statement would stop after one page. */
  shrink(): Promise<void> {
    return this.#inTurn(async () => {
      for (const pragma of ['incremental_vacuum', 'wal_checkpoint(truncate)'])
        await this.#patient(() => this.#database.exec(`pragma ${pragma}`));
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      this.#prepared.clear();
      if (!this.#database.open) return;
      // libsql keeps its statements, and so the log, until they are collected. The file should not need it.
      try {
        this.#database.exec('pragma wal_checkpoint(truncate)');
      } catch {
        // Another process reads or writes: the last one to close does it, or the next one to open.
      }
      this.#database.close();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Tries again while another process has the lock. SQLite's busy timeout would block the event loop. */
  async #patient<T>(work: () => T): Promise<T> {
    const end = Date.now() + BUSY_MS;
    for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
      try {
        return this.#coded(work);
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (Date.now() > end)
          throw failure(
            { code: 'store-unreachable', message: `${this.place} was locked by another process for 30 s` },
            2,
            error,
          );
        await sleep(pause * (0.5 + Math.random()));
      }
    }
  }

  #coded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    const code = codeOf(error);
    const { message } = error as Error;
    if (/^SQLITE_(?:CORRUPT|NOTADB)/.test(code))
      return failure(
        {
          code: 'store-damaged',
          message: `${this.place} is damaged: ${message}`,
          hint: 'make a new store with `hunt add`; the dumps are not changed by a scan',
        },
        2,
        error,
      );
    if (/^SQLITE_(?:FULL|IOERR|CANTOPEN|READONLY)/.test(code))
      return failure({ code: 'store-unreachable', message: `${this.place}: ${message}` }, 2, error);
    return error;
  }
}

const isBusy = (error: unknown): boolean => /^SQLITE_(?:BUSY|LOCKED)/.test(codeOf(error));
