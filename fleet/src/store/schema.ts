import type { ColumnType, Dialect } from './dialect.js';

/**
 * The schema, as steps from one version to the next: a step that was released is never edited. Times are ms
 * since 1970. There are no foreign keys: results enter by one function and leave by `forget`, and a check for
 * each of 1,000,000 findings costs more than both.
 */

type Columns = Readonly<Record<string, ColumnType | 'id' | [ColumnType, constraint: string]>>;

interface TableShape {
  columns: Columns;
  /** Columns of the primary key, unless it is an id. */
  key?: string;
  /** More constraints. */
  unique?: string;
}

const NOT_NULL = 'not null';

const TABLES: Readonly<Record<string, TableShape>> = {
  ruleset: {
    columns: {
      id: 'id',
      digest: ['text', 'not null unique'],
      version: ['text', NOT_NULL],
      rules: ['text', NOT_NULL],
      effort: ['text', NOT_NULL],
      options: ['text', NOT_NULL],
      targets: ['text', NOT_NULL],
    },
  },
  target: {
    columns: {
      id: 'id',
      digest: ['text', 'not null unique'],
      name: ['text', NOT_NULL],
      asked_by: ['text', NOT_NULL],
      spki: 'text',
      ssh: 'text',
      jwk: 'text',
      fingerprints: ['text', NOT_NULL],
    },
  },
  // host_from, at_from: label or report. done: sha256 has a scan.
  object: {
    columns: {
      id: 'id',
      uri: ['text', 'not null unique'],
      version: ['text', NOT_NULL],
      size: ['big', NOT_NULL],
      mtime: 'big',
      sha256: 'text',
      done: ['int', 'not null default 0'],
      host: 'text',
      host_from: 'text',
      at: 'big',
      at_from: 'text',
      first_seen: ['big', NOT_NULL],
      last_seen: ['big', NOT_NULL],
      gone_at: 'big',
    },
  },
  scan: {
    columns: {
      id: 'id',
      sha256: ['text', NOT_NULL],
      ruleset: ['int', NOT_NULL],
      exit: ['int', NOT_NULL],
      complete: ['int', NOT_NULL],
      bytes: ['big', NOT_NULL],
      seconds: ['real', NOT_NULL],
      at: ['big', NOT_NULL],
      limits: ['text', NOT_NULL],
      program: 'text',
      pid: 'big',
      build_id: 'text',
      dumped_at: 'big',
    },
    unique: 'unique (sha256, ruleset)',
  },
  // A finding without a fingerprint has a row of its own here, with `none:…` instead.
  secret: {
    columns: {
      id: 'id',
      fingerprint: ['text', 'not null unique'],
      spki: 'text',
      ssh: 'text',
      jwk: 'text',
      kind: ['text', NOT_NULL],
      rule: ['text', NOT_NULL],
      title: ['text', NOT_NULL],
      severity: ['int', NOT_NULL],
      preview: ['text', NOT_NULL],
    },
  },
  finding: {
    columns: {
      scan: ['int', NOT_NULL],
      secret: ['int', NOT_NULL],
      occurrences: ['int', NOT_NULL],
      confidence: ['int', NOT_NULL],
      counts: ['int', NOT_NULL],
      place: ['text', NOT_NULL],
    },
    key: 'scan, secret',
  },
  answer: {
    columns: {
      scan: ['int', NOT_NULL],
      target: ['int', NOT_NULL],
      status: ['text', NOT_NULL],
      complete: ['int', NOT_NULL],
      place: 'text',
    },
    key: 'scan, target',
  },
  // retry_at is null if it is not tried again before it is listed anew.
  failure: {
    columns: {
      object: ['int', NOT_NULL],
      ruleset: ['int', NOT_NULL],
      crashes: ['int', NOT_NULL],
      attempts: ['int', NOT_NULL],
      dead: ['int', NOT_NULL],
      retry_at: 'big',
      code: ['text', NOT_NULL],
      message: ['text', NOT_NULL],
      at: ['big', NOT_NULL],
    },
    key: 'object, ruleset',
  },
  hold_dump: {
    columns: { dump: ['int', NOT_NULL], worker: ['text', NOT_NULL], until: ['big', NOT_NULL] },
    key: 'dump',
  },
  // dump: the one whose bytes are scanned.
  hold_content: {
    columns: {
      sha256: ['text', NOT_NULL],
      ruleset: ['text', NOT_NULL],
      worker: ['text', NOT_NULL],
      until: ['big', NOT_NULL],
      dump: 'int',
    },
    key: 'sha256, ruleset',
  },
};

const INDEXES = [
  'create index object_pending on object(size, id) where done = 0',
  'create index object_sha256 on object(sha256) where sha256 is not null',
  'create index object_size on object(size)',
  'create index secret_kind on secret(kind, id)',
  'create index secret_spki on secret(spki) where spki is not null',
  'create index secret_ssh on secret(ssh) where ssh is not null',
  'create index secret_jwk on secret(jwk) where jwk is not null',
  'create index finding_secret on finding(secret, scan)',
  'create index answer_target on answer(target, scan)',
];

function createTable(dialect: Dialect, name: string, { columns, key, unique }: TableShape): string {
  const lines = Object.entries(columns).map(([column, shape]) => {
    if (shape === 'id') return `${column} ${dialect.id}`;
    const [type, constraint] = typeof shape === 'string' ? [shape, ''] : shape;
    return `${column} ${dialect.types[type]} ${constraint}`.trimEnd();
  });
  if (key !== undefined) lines.push(`primary key (${key})`);
  if (unique !== undefined) lines.push(unique);
  return `create table ${name} (${lines.join(', ')}) ${dialect.table(key === undefined ? 'plain' : 'keyed')}`;
}

/** Statements from the version of their index to the next one. */
export const STEPS: readonly ((dialect: Dialect) => readonly string[])[] = [
  (dialect) => [
    `create table meta (name text primary key, value text not null) ${dialect.table('keyed')}`,
    "insert into meta (name, value) values ('schema_version', '0')",
    ...Object.entries(TABLES).map(([name, shape]) => createTable(dialect, name, shape)),
    ...INDEXES,
  ],
  // Questions by --rule, and the oldest and newest scan.
  () => ['create index secret_rule on secret(rule, id)', 'create index scan_at on scan(at)'],
];

/** The version of this package. */
export const SCHEMA_VERSION = STEPS.length;
