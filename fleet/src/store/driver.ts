import type { Dialect } from './dialect.js';

/** What a placeholder gets: a string, number or null; more for statements of a queue on PostgreSQL. */
export type SqlValues = readonly unknown[];

/** Where statements run: inside a transaction, or each in one of its own. */
export interface Statements {
  /** Rows of a statement with the placeholders $1, $2 …; columns are strings, numbers or null. */
  all<R>(sql: string, values?: SqlValues): Promise<R[]>;
}

/** A connection to a store. Statements outside of a transaction only read. */
export interface Driver extends Statements {
  readonly dialect: Dialect;
  /** As shown: without a password. */
  readonly place: string;
  /**
   * Runs `body` in a transaction. After a lost connection it runs again, so `body` changes nothing else.
   * `once`: not if the connection was lost during the commit, when the outcome is unknown. `isLong`: a
   * statement may take as long as it needs.
   */
  transaction<T>(
    body: (sql: Statements) => Promise<T>,
    how?: { once?: boolean; isLong?: boolean },
  ): Promise<T>;
  /** Gives the space of deleted rows back, and overwrites it. */
  shrink(): Promise<void>;
  close(): Promise<void>;
}

/** The first row. */
export async function one<R>(sql: Statements, text: string, values?: SqlValues): Promise<R> {
  const [row] = await sql.all<R>(text, values);
  if (row === undefined) throw new Error(`no row: ${text}`);
  return row;
}
