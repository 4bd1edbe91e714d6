import { createHash } from 'node:crypto';
import type { Statements } from './driver.js';

/** Everything that answers depend on, in an order that no id decides: each column, then the next query. */
const PARTS: readonly string[] = [
  `select uri, sha256, done, host, host_from, at, at_from from object where gone_at is null order by uri`,
  `select o.uri, r.digest, f.dead, f.code from failure f
   join object o on o.id = f.object join ruleset r on r.id = f.ruleset order by o.uri, r.digest`,
];

interface ScanRow {
  id: number;
  sha256: string;
  ruleset: string;
}

const SCANS = `select s.id, s.sha256, r.digest as ruleset, s.exit, s.complete, s.bytes, s.limits, s.program,
    s.pid, s.build_id, s.dumped_at
  from scan s join ruleset r on r.id = s.ruleset
  where s.sha256 > $1 or (s.sha256 = $1 and r.digest > $2)
  order by s.sha256, r.digest limit 200`;

const FINDINGS = `select k.fingerprint, k.spki, k.ssh, k.jwk, k.kind, k.rule, k.title, k.severity, k.preview,
    f.occurrences, f.confidence, f.counts, f.place
  from finding f join secret k on k.id = f.secret where f.scan = $1 order by k.fingerprint`;

const ANSWERS = `select t.digest, a.status, a.complete, a.place
  from answer a join target t on t.id = a.target where a.scan = $1 order by t.digest`;

export async function answersDigest(sql: Statements): Promise<string> {
  const hash = createHash('sha256');
  const take = (rows: readonly object[]) => {
    for (const row of rows) hash.update(`${JSON.stringify(Object.values(row))}\n`);
    hash.update('\n');
  };
  for (const part of PARTS) take(await sql.all<object>(part));
  for (let last = { sha256: '', ruleset: '' }; ; ) {
    const scans = await sql.all<ScanRow>(SCANS, [last.sha256, last.ruleset]);
    for (const { id, ...scan } of scans) {
      take([scan]);
      take(await sql.all<object>(FINDINGS, [id]));
      take(await sql.all<object>(ANSWERS, [id]));
    }
    const end = scans.at(-1);
    if (end === undefined) return hash.digest('hex');
    last = end;
  }
}
