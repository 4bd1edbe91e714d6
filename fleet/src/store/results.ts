import { createHash } from 'node:crypto';
import type { StoredDump } from '../model/dump.js';
import type { FoundSecret, ScanResult } from '../model/scan-result.js';
import { confidenceCode, factTime, placeText, plainJson, plainText, severityCode } from './columns.js';
import type { Dialect } from './dialect.js';
import type { Statements } from './driver.js';
import type { Failure } from './store.js';

/** How results enter: statements that SQLite runs, and that are the body of a function on PostgreSQL. */

const SCAN = {
  sha256: 'text',
  ruleset: 'text',
  exit: 'int',
  complete: 'int',
  bytes: 'big',
  seconds: 'real',
  at: 'big',
  limits: 'text',
  program: 'text',
  pid: 'big',
  build_id: 'text',
  dumped_at: 'big',
} as const;

const FINDING = {
  fingerprint: 'text',
  spki: 'text',
  ssh: 'text',
  jwk: 'text',
  kind: 'text',
  rule: 'text',
  title: 'text',
  severity: 'int',
  preview: 'text',
  occurrences: 'int',
  confidence: 'int',
  counts: 'int',
  place: 'text',
} as const;

const ANSWER = { target: 'text', status: 'text', complete: 'int', place: 'text' } as const;

/** Of one secret that scans describe differently, the same description wins in whatever order they come. */
const DESCRIBED = ['severity', 'rule', 'kind', 'title', 'preview'];
const NAMED = ['spki', 'ssh', 'jwk'];
const tuple = (of: string) => `(${DESCRIBED.map((column) => `${of}.${column}`).join(', ')})`;

/** `$1` is the result as JSON, `$2` the id of the new scan. */
export function resultStatements(dialect: Dialect): { scan: string; rest: readonly string[] } {
  const rows = (columns: typeof SCAN | typeof FINDING | typeof ANSWER, member: string) =>
    dialect.rows('$1', columns, member);
  const scanColumns = Object.keys(SCAN).filter((column) => column !== 'ruleset');
  const secretColumns = ['fingerprint', ...NAMED, ...DESCRIBED];
  const isBetter = `${tuple('excluded')} < ${tuple('secret')}`;
  return {
    scan: `insert into scan (ruleset, ${scanColumns.join(', ')})
      select s.id, ${scanColumns.map((column) => `r.${column}`).join(', ')}
      from ${rows(SCAN, 'scan')} join ruleset s on s.digest = r.ruleset where true
      on conflict (sha256, ruleset) do nothing returning id`,
    rest: [
      `insert into secret (${secretColumns.join(', ')})
       select ${secretColumns.map((column) => `r.${column}`).join(', ')}
       from ${rows(FINDING, 'findings')} left join secret k on k.fingerprint = r.fingerprint
       where k.id is null or ${tuple('r')} < ${tuple('k')}
         or ${NAMED.map((name) => `(k.${name} is null and r.${name} is not null)`).join(' or ')}
       order by r.fingerprint
       on conflict (fingerprint) do update set
         ${NAMED.map((name) => `${name} = coalesce(secret.${name}, excluded.${name})`).join(', ')},
         ${DESCRIBED.map(
           (column) => `${column} = case when ${isBetter} then excluded.${column} else secret.${column} end`,
         ).join(', ')}`,
      `insert into finding (scan, secret, occurrences, confidence, counts, place)
       select $2, k.id, r.occurrences, r.confidence, r.counts, r.place
       from ${rows(FINDING, 'findings')} join secret k on k.fingerprint = r.fingerprint`,
      `insert into answer (scan, target, status, complete, place)
       select $2, t.id, r.status, r.complete, r.place
       from ${rows(ANSWER, 'answers')} join target t on t.digest = r.target`,
    ],
  };
}

/** Connect a dump with content that has a scan: placeholders by name. Copies with a known hash follow. */
const LINK = [
  'update object set sha256 = :sha256, done = 1 where id = :dump and version = :version',
  'update object set done = 1 where sha256 = :sha256 and done = 0',
];
const SETTLE = ['failure where object', 'hold_dump where dump', 'hold_content where dump'].map(
  (rows) => `delete from ${rows} = :dump`,
);
const RELEASE_CONTENT = 'delete from hold_content where sha256 = :sha256 and ruleset = :ruleset';

/** Statements after the result, with other words in place of `:dump`, `:version`, `:sha256`, `:ruleset`. */
export const settling = (words: Readonly<Record<string, string>>): string[] =>
  [...LINK, ...SETTLE, RELEASE_CONTENT].map((text) =>
    text.replace(/:(\w+)/g, (_, name: string) => words[name]!),
  );

async function runNamed(
  sql: Statements,
  texts: readonly string[],
  named: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const text of texts) {
    const values: unknown[] = [];
    const positional = text.replace(/:(\w+)/g, (_, name: string) => `$${values.push(named[name])}`);
    await sql.all(positional, values);
  }
}

export async function linkDump(sql: Statements, dump: StoredDump, sha256: string): Promise<void> {
  const named = { dump: dump.id, version: dump.version, sha256 };
  const scanned = await sql.all('select 1 from scan where sha256 = $1', [sha256]);
  if (scanned.length === 0) throw new Error(`no scan of ${sha256}`);
  await runNamed(sql, [...LINK, ...SETTLE], named);
}

/** One row for each secret: two rules may have found the same one. */
function singleFindings(findings: readonly FoundSecret[]): FoundSecret[] {
  const byPrint = new Map<string, FoundSecret>();
  const rest: FoundSecret[] = [];
  for (const finding of findings) {
    if (finding.fingerprint === null) {
      rest.push(finding);
      continue;
    }
    const other = byPrint.get(finding.fingerprint);
    if (other === undefined) byPrint.set(finding.fingerprint, finding);
    else {
      const better = severityCode(finding.severity) < severityCode(other.severity) ? finding : other;
      byPrint.set(finding.fingerprint, {
        ...better,
        counts: finding.counts || other.counts,
        occurrences: finding.occurrences + other.occurrences,
      });
    }
  }
  return [...byPrint.values(), ...rest];
}

/** Takes the place of a fingerprint where there is none. It is found by no value. */
function noFingerprint({ sha256, ruleset }: ScanResult, index: number): string {
  const digest = createHash('sha256').update(`${sha256}\0${ruleset}\0${index}`).digest('hex');
  return `none:${digest.slice(0, 32)}`;
}

export const shownFingerprint = (stored: string): string | null =>
  stored.startsWith('none:') ? null : stored;

/** The result as the statements take it. */
function resultJson(dump: StoredDump, result: ScanResult, now: number): string {
  const scan = {
    sha256: result.sha256,
    ruleset: result.ruleset,
    exit: result.exit,
    complete: Number(result.complete),
    bytes: result.bytes,
    seconds: result.seconds,
    at: now,
    limits: JSON.stringify([...new Set(result.limits)].sort()),
    program: result.program ?? null,
    pid: result.pid ?? null,
    build_id: result.buildId ?? null,
    dumped_at: factTime(result.dumpedAt),
  };
  const findings = singleFindings(result.findings).map((finding, index) => ({
    fingerprint: finding.fingerprint ?? noFingerprint(result, index),
    spki: finding.spki ?? null,
    ssh: finding.ssh ?? null,
    jwk: finding.jwk ?? null,
    kind: finding.kind,
    rule: finding.rule,
    title: finding.title,
    severity: severityCode(finding.severity),
    preview: finding.preview,
    occurrences: Math.min(finding.occurrences, 0x7fffffff),
    confidence: confidenceCode(finding.confidence),
    counts: Number(finding.counts),
    place: placeText(finding.place),
  }));
  const byTarget = new Map(result.answers.map((answer) => [answer.target, answer]));
  const answers = [...byTarget.values()].map(({ target, status, complete, place }) => ({
    target,
    status,
    complete: Number(complete),
    place: place === undefined ? null : placeText(place),
  }));
  const { id, version } = dump;
  return plainJson({
    dump: id,
    version,
    sha256: result.sha256,
    ruleset: result.ruleset,
    scan: [scan],
    findings,
    answers,
  });
}

/** Stores a result. False if there is one of this content under these rules; the dump is connected anyway. */
export async function storeResult(
  sql: Statements,
  dialect: Dialect,
  dump: StoredDump,
  result: ScanResult,
): Promise<boolean> {
  const given = resultJson(dump, result, Date.now());
  if (dialect.kind === 'postgres') {
    const [row] = await sql.all<{ stored: boolean }>('select store_scan($1::jsonb) as stored', [given]);
    return row!.stored;
  }
  const { scan, rest } = resultStatements(dialect);
  const [added] = await sql.all<{ id: number }>(scan, [given]);
  if (added !== undefined)
    for (const statement of rest) await sql.all(statement, placed(statement, given, added.id));
  else if ((await sql.all('select 1 from scan where sha256 = $1', [result.sha256])).length === 0)
    throw new Error(`unknown rule set ${result.ruleset}`);
  const named = { dump: dump.id, version: dump.version, sha256: result.sha256, ruleset: result.ruleset };
  await runNamed(sql, [...LINK, ...SETTLE, RELEASE_CONTENT], named);
  return added !== undefined;
}

/** Only the placeholders that a statement has may get values. */
const placed = (statement: string, ...values: unknown[]): unknown[] =>
  values.filter((_, index) => statement.includes(`$${index + 1}`));

/** Crashes of the child that end the attempts. */
const MOST_CRASHES = 3;
const MESSAGE_LENGTH = 500;

/** Pauses after temporary failures, in ms. After the last one a dump waits until it is listed again. */
const FIRST_WAIT = 10_000;
const SECOND_WAIT = 60_000;

export async function countFailure(
  sql: Statements,
  dump: StoredDump,
  ruleset: string,
  what: { isCrash: boolean; code: string; message: string; isTemporary: boolean },
): Promise<Failure> {
  const now = Date.now();
  const isCrash = Number(what.isCrash);
  const first = what.isCrash ? 0 : what.isTemporary ? now + FIRST_WAIT : null;
  const second = what.isCrash ? 0 : what.isTemporary ? now + SECOND_WAIT : null;
  const third = what.isCrash ? 0 : null;
  const [row] = await sql.all<{ crashes: number; dead: number }>(
    `insert into failure (object, ruleset, crashes, attempts, dead, retry_at, code, message, at)
     select o.id, r.id, cast($4 as integer), 1, 0, cast($5 as bigint), cast($8 as text), cast($9 as text),
       cast($10 as bigint)
     from object o cross join ruleset r where o.id = $1 and o.version = $2 and r.digest = $3
     on conflict (object, ruleset) do update set
       crashes = failure.crashes + excluded.crashes,
       attempts = failure.attempts + 1,
       dead = case when failure.crashes + excluded.crashes >= ${MOST_CRASHES} then 1 else failure.dead end,
       retry_at = case when failure.attempts - failure.crashes < 1 then excluded.retry_at
         when failure.attempts - failure.crashes = 1 then cast($6 as bigint) else cast($7 as bigint) end,
       code = excluded.code, message = excluded.message, at = excluded.at
     returning crashes, dead`,
    [
      ...[dump.id, dump.version, ruleset, isCrash, first, second, third],
      ...[what.code, plainText(what.message.slice(0, MESSAGE_LENGTH)), now],
    ],
  );
  await runNamed(
    sql,
    ['hold_dump', 'hold_content'].map((table) => `delete from ${table} where dump = :dump`),
    {
      dump: dump.id,
    },
  );
  // Replaced since: what failed is not the dump any more.
  return { crashes: row?.crashes ?? 0, dead: row?.dead === 1 };
}
