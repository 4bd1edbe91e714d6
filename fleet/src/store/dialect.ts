/** Types of columns: int is 4 bytes where that saves any, big holds times in ms and sizes. */
export type ColumnType = 'text' | 'int' | 'big' | 'real';

/** Where SQLite and PostgreSQL differ in a statement. */
export interface Dialect {
  readonly kind: 'sqlite' | 'postgres';
  /** Rows `r` of a JSON array of objects, or of an array that is a member of a JSON object. */
  rows(parameter: string, columns: Readonly<Record<string, ColumnType>>, member?: string): string;
  /** Texts of a JSON array, for `in`. */
  texts(parameter: string): string;
  /** Integers of a JSON array, for `in`. */
  integers(parameter: string): string;
  /** Column definition of an id that is given on insert. */
  readonly id: string;
  /** Name of a column type; texts compare by code points. */
  readonly types: Readonly<Record<ColumnType, string>>;
  /** End of a table definition. `keyed`: rows are stored in the order of the primary key. */
  table(how: 'plain' | 'keyed'): string;
}

const SQLITE_TYPES = { text: 'text', int: 'integer', big: 'integer', real: 'real' } as const;
const POSTGRES_TYPES = {
  text: 'text collate "C"',
  int: 'integer',
  big: 'bigint',
  real: 'double precision',
} as const;

export const SQLITE: Dialect = {
  kind: 'sqlite',
  rows: (parameter, columns, member) => {
    const picked = Object.keys(columns).map((name) => `value->>'${name}' as ${name}`);
    const path = member === undefined ? '' : `, '$.${member}'`;
    return `(select ${picked.join(', ')} from json_each(${parameter}${path})) r`;
  },
  texts: (parameter) => `(select value from json_each(${parameter}))`,
  integers: (parameter) => `(select value from json_each(${parameter}))`,
  id: 'integer primary key',
  types: SQLITE_TYPES,
  table: (how) => (how === 'keyed' ? 'strict, without rowid' : 'strict'),
};

export const POSTGRES: Dialect = {
  kind: 'postgres',
  rows: (parameter, columns, member) => {
    const typed = Object.entries(columns).map(([name, type]) => `${name} ${POSTGRES_TYPES[type]}`);
    const array = `${parameter}::jsonb${member === undefined ? '' : `->'${member}'`}`;
    return `jsonb_to_recordset(${array}) as r(${typed.join(', ')})`;
  },
  texts: (parameter) => `(select jsonb_array_elements_text(${parameter}::jsonb))`,
  integers: (parameter) => `(select jsonb_array_elements_text(${parameter}::jsonb)::bigint)`,
  id: 'integer generated always as identity primary key',
  types: POSTGRES_TYPES,
  table: () => '',
};
