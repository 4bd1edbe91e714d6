import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { lazy } from '../../../src/core/base/runtime/lazy.js';
import { failure } from '../host.js';
import { POSTGRES } from './dialect.js';
import type { Driver, SqlValues, Statements } from './driver.js';
import type { PostgresPlace } from './postgres-place.js';

/** Loaded late: 70 ms of processor time that a store in a file need not take. */
const library = lazy((require) => require('pg') as typeof pg);

/** Schema of the store, beside that of pg-boss. */
export const SCHEMA = 'dumpsieve';

/** Connections of one process: the event loop runs a few transactions at once. */
const CONNECTIONS = 4;

/** Pauses between attempts, in ms. A random half of each is added, so that workers come one by one. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** How long a connection is tried for: the first one of a command, and one that was lost. In ms. */
export interface Patience {
  first: number;
  again: number;
}
const PATIENCE: Patience = { first: 5_000, again: 60_000 };

/** What may pass: the server starts, ends or is full, two transactions have met, or the network failed. */
const PASSING = /^(?:08...|57P0[123]|53300|40001|40P01|25006)$/;
const NETWORK = /^(?:ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EAI_AGAIN|ENOENT|ENOTFOUND)$/;

const LOST =
  /^(?:Connection terminated|timeout e|Query read timeout|Client has encountered a connection error)/;

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '');

/** pg gives no code for a connection that ends in the middle of an answer. */
export function isPassing(error: unknown): boolean {
  const { message = '', errors } = error as { message?: string; errors?: unknown };
  // One error for each address of the host.
  if (Array.isArray(errors) && errors.some(isPassing)) return true;
  const code = codeOf(error);
  if (code !== '') return PASSING.test(code) || NETWORK.test(code);
  return LOST.test(message);
}

/** Big integers are sizes, times and counts: all are below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === library().types.builtins.INT8 ? Number : library().types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

/** Milliseconds for a statement that may take as long as it needs: a day. */
const UNBOUNDED = 86_400_000;

/** An error in the commit: what became of it is unknown. */
class LostCommit extends Error {}

export class PostgresDriver implements Driver {
  readonly dialect = POSTGRES;
  readonly place: string;
  readonly #pool: pg.Pool;
  readonly #patience: Patience;
  #isConnected = false;

  constructor({ config, shown }: PostgresPlace, patience: Patience = PATIENCE) {
    this.place = shown;
    this.#patience = patience;
    this.#pool = new (library().Pool)({
      ...config,
      types,
      max: CONNECTIONS,
      options: `-c search_path=${SCHEMA},pg_catalog`,
      // The server ends what a lost worker has left open.
      idle_in_transaction_session_timeout: 120_000,
    });
    // A connection that is lost while idle is replaced when it is needed.
    this.#pool.on('error', () => undefined);
  }

  all<R>(sql: string, values: SqlValues = []): Promise<R[]> {
    return this.#retrying(async (client) => (await client.query(sql, [...values])).rows as R[]);
  }

  transaction<T>(body: (sql: Statements) => Promise<T>, { once = false, isLong = false } = {}): Promise<T> {
    const patience = isLong ? { query_timeout: UNBOUNDED } : {};
    return this.#retrying(async (client) => {
      await client.query('begin');
      let result: T;
      try {
        result = await body({
          all: async <R>(text: string, values: SqlValues = []) =>
            (await client.query({ text, values: [...values], ...patience })).rows as R[],
        });
      } catch (error) {
        // A connection that is lost is closed, and would not answer.
        if (!isPassing(error)) await client.query('rollback').catch(() => undefined);
        throw error;
      }
      try {
        await client.query('commit');
      } catch (error) {
        if (once && isPassing(error)) throw new LostCommit((error as Error).message, { cause: error });
        throw error;
      }
      return result;
    });
  }

  /** The server's autovacuum does it. */
  async shrink(): Promise<void> {}

  async close(): Promise<void> {
    if (!this.#pool.ended && !this.#pool.ending) await this.#pool.end();
  }

  async #retrying<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const start = Date.now();
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await this.#withClient(work);
      } catch (error) {
        const patience = this.#isConnected ? this.#patience.again : this.#patience.first;
        if (!isPassing(error) || Date.now() - start + pause > patience) throw this.#explained(error);
        await sleep(pause * (1 + Math.random() / 2));
      }
    }
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    this.#isConnected = true;
    // While it is not idle, the pool does not listen.
    const ignore = () => undefined;
    client.on('error', ignore);
    let lost = false;
    try {
      return await work(client);
    } catch (error) {
      lost = isPassing(error) || error instanceof LostCommit;
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(lost);
    }
  }

  #explained(error: unknown): unknown {
    const code = codeOf(error);
    const { message } = error as Error;
    const text = message === '' ? code : message;
    if (isPassing(error) || error instanceof LostCommit || /^53/.test(code))
      return failure(
        { code: 'store-unreachable', message: `${this.place} cannot be reached: ${text}` },
        2,
        error,
      );
    if (/^(?:28|3D|42501)/.test(code) || /^SCRAM|password|SASL/i.test(message))
      return failure({ code: 'store-refused', message: `${this.place}: ${text}` }, 3, error);
    if (/^(?:ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(code) || /SSL connections/.test(message))
      return failure(
        {
          code: 'store-refused',
          message: `${this.place}: ${text}`,
          hint: 'name its authority by sslrootcert, and the server as its certificate does',
        },
        3,
        error,
      );
    if (/^XX/.test(code))
      return failure({ code: 'store-damaged', message: `${this.place} is damaged: ${text}` }, 2, error);
    return error;
  }
}
