import type { Kind } from '../../../src/core/model/report.js';
import type { FoundIn, ShownDump } from '../model/answers.js';
import type { FactSource } from '../model/dump.js';
import { compact, confidenceOf, isoTime, placeOf, severityOf } from './columns.js';
import { shownFingerprint } from './results.js';

/** Rows as answers show them. */

/** A dump `o`, with what its newest scan says of the process. */
export const SHOWN = `o.id, o.uri, o.size, o.sha256, o.host, o.host_from, o.at, o.at_from, o.mtime, o.gone_at,
  p.program, p.pid, p.dumped_at,
  (select max(c.complete) from scan c where c.sha256 = o.sha256) as complete`;
export const SHOWN_FROM = `object o left join scan p
  on p.id = (select max(n.id) from scan n where n.sha256 = o.sha256)`;

export interface ShownRow {
  id: number;
  uri: string;
  size: number;
  sha256: string | null;
  host: string | null;
  host_from: FactSource | null;
  at: number | null;
  at_from: FactSource | null;
  mtime: number | null;
  gone_at: number | null;
  program: string | null;
  pid: number | null;
  dumped_at: number | null;
  complete: number | null;
}

/** The time by the first that has one: a label or report, the dump, the time of its last change. */
function timeOf(row: ShownRow): { at?: string; atFrom?: FactSource } {
  if (row.at !== null) return { at: isoTime(row.at), atFrom: row.at_from ?? 'label' };
  if (row.dumped_at !== null) return { at: isoTime(row.dumped_at), atFrom: 'dump' };
  return row.mtime === null ? {} : { at: isoTime(row.mtime), atFrom: 'mtime' };
}

export const shownDump = (row: ShownRow): ShownDump =>
  compact<ShownDump>({
    id: row.id,
    uri: row.uri,
    size: row.size,
    sha256: row.sha256,
    host: row.host,
    hostFrom: row.host === null ? null : row.host_from,
    ...timeOf(row),
    program: row.program,
    pid: row.pid,
    goneAt: row.gone_at === null ? null : isoTime(row.gone_at),
    complete: row.complete === null ? null : row.complete === 1,
  });

export const SECRET = 'k.fingerprint, k.spki, k.ssh, k.jwk, k.kind, k.rule, k.title, k.severity, k.preview';

export interface SecretRow {
  fingerprint: string;
  spki: string | null;
  ssh: string | null;
  jwk: string | null;
  kind: Kind;
  rule: string;
  title: string;
  severity: number;
  preview: string;
}

export function shownSecret(row: SecretRow): FoundIn['secret'] {
  const { spki, ssh, jwk, kind, rule, title, preview } = row;
  return {
    fingerprint: shownFingerprint(row.fingerprint),
    ...compact<Pick<FoundIn['secret'], 'spki' | 'ssh' | 'jwk'>>({ spki, ssh, jwk }),
    kind,
    rule,
    title,
    severity: severityOf(row.severity),
    preview,
  };
}

export interface FindingRow {
  confidence: number;
  counts: number;
  occurrences: number;
  place: string;
}

export const shownFinding = (row: FindingRow): FoundIn['finding'] => ({
  confidence: confidenceOf(row.confidence),
  counts: row.counts === 1,
  occurrences: row.occurrences,
  place: placeOf(row.place),
});
