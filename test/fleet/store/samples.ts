import { createHash } from 'node:crypto';
import type { ListedDump, StoredDump } from '../../../fleet/src/model/dump.js';
import type { Ruleset } from '../../../fleet/src/model/ruleset.js';
import type { FoundSecret, ScanResult } from '../../../fleet/src/model/scan-result.js';
import type { Target } from '../../../fleet/src/model/target.js';
import type { Store, WorkScope } from '../../../fleet/src/store/store.js';

/** Made-up dumps and results: nothing is scanned. */

export const hex = (text: string | number): string => createHash('sha256').update(String(text)).digest('hex');

export const NOW = '2026-12-01T10:00:00.000Z';
export const LATER = '2026-12-01T11:00:00.000Z';
/** A lease that does not end during a test. */
export const FAR = '2999-01-01T00:00:00.000Z';
/** A lease that has ended. */
export const PAST = '2020-01-01T00:00:00.000Z';

export const TARGET: Target = {
  digest: `spki:${hex('spki')}`,
  name: 'server.pem',
  askedBy: 'public-key',
  spki: hex('spki'),
  fingerprints: [],
};

function ruleset(name = 'rules'): Ruleset {
  return {
    digest: hex(name),
    version: '0.1.0',
    rules: hex(`${name} rules`),
    effort: 'normal',
    options: {},
    targets: [TARGET.digest],
  };
}

export const RULES = ruleset();
export const OTHER_RULES = ruleset('other');
export const SCOPE: WorkScope = { ruleset: RULES.digest, rescan: false, prefixes: [] };

export const listed = (name: string, more: Partial<ListedDump> = {}): ListedDump => ({
  uri: `file://here/dumps/${name}`,
  version: `${name}-1`,
  size: 100,
  mtime: NOW,
  ...more,
});

export const secret = (name: string, more: Partial<FoundSecret> = {}): FoundSecret => ({
  fingerprint: `v1:${hex(name)}`,
  kind: 'token',
  rule: 'some-token',
  title: 'A token',
  severity: 'high',
  confidence: 'high',
  preview: `${name.slice(0, 2)}…`,
  counts: true,
  occurrences: 1,
  place: { member: '', offset: 4096, length: 40 },
  ...more,
});

export const result = (content: string, more: Partial<ScanResult> = {}): ScanResult => ({
  sha256: hex(content),
  ruleset: RULES.digest,
  exit: 0,
  complete: true,
  bytes: 100,
  seconds: 0.1,
  limits: [],
  findings: [],
  answers: [],
  ...more,
});

/** Lists dumps and gives them with their ids, in the order of their names. */
export async function add(store: Store, dumps: readonly ListedDump[], now = NOW): Promise<StoredDump[]> {
  await store.useRuleset(RULES, [TARGET]);
  await store.useRuleset(OTHER_RULES, [TARGET]);
  await store.list(dumps, now);
  const all: StoredDump[] = [];
  for (let after = 0; ; after = all.at(-1)!.id) {
    const some = await store.waiting(SCOPE, after, 1000);
    if (some.length === 0) break;
    all.push(...some);
  }
  const uris = new Set(dumps.map(({ uri }) => uri));
  return all.filter(({ uri }) => uris.has(uri)).sort((a, b) => (a.uri < b.uri ? -1 : 1));
}
