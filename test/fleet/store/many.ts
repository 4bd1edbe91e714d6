import type { StoredDump } from '../../../fleet/src/model/dump.js';
import type { FoundSecret, ScanResult } from '../../../fleet/src/model/scan-result.js';
import type { Store } from '../../../fleet/src/store/store.js';
import { hex, listed, RULES, result, SCOPE, secret, TARGET } from './samples.js';

/** Many dumps with the same secrets: which of them a dump has follows from its number. */
export interface Crowd {
  dumps: number;
  findings: number;
  secrets: number;
  keys: number;
}

/** 10 of 100 findings of a dump are keys. Low numbers are in more dumps: the first key in most. */
export function findingsOf(dump: number, { findings, secrets, keys }: Crowd): FoundSecret[] {
  const each = findings / 10;
  const chosen = new Map<string, FoundSecret>();
  let state = (dump * 2_654_435_761 + 12_345) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const place = () => ({
    member: '',
    offset: Math.floor(next() * 2 ** 32),
    length: 32 + Math.floor(next() * 1000),
    address: `0x7f${Math.floor(next() * 2 ** 40)
      .toString(16)
      .padStart(10, '0')}`,
    region: 'heap',
  });
  while (chosen.size < findings) {
    const isKey = chosen.size < each;
    const number = isKey ? Math.floor(keys * next() ** 1.5) : keys + Math.floor((secrets - keys) * next());
    const name = `secret ${number}`;
    if (chosen.has(name)) continue;
    const key = {
      kind: 'private-key',
      rule: `key-${number % 20}`,
      title: 'RSA private key',
      spki: hex(name),
    } as const;
    const token = {
      kind: 'token',
      rule: `token-${number % 200}`,
      title: 'Access token of a service',
    } as const;
    const preview = `${hex(number).slice(0, 4)}…${hex(number).slice(-4)} (40 characters)`;
    chosen.set(name, secret(name, { ...(isKey ? key : token), preview, place: place() }));
  }
  return [...chosen.values()];
}

const resultOfCrowd = (dump: number, crowd: Crowd): ScanResult =>
  result(`content ${dump}`, {
    findings: findingsOf(dump, crowd),
    exit: 1,
    bytes: 40_000,
    answers: [{ target: TARGET.digest, status: 'absent', complete: true }],
  });

/** Lists the dumps, and stores the result of each. `at`: how far it is. */
export async function storeCrowd(store: Store, crowd: Crowd, at?: (done: number) => void): Promise<void> {
  await store.useRuleset(RULES, [TARGET]);
  const listedDumps = Array.from({ length: crowd.dumps }, (_, i) =>
    listed(`web-${i % 40}/core.${String(i).padStart(6, '0')}.zst`, {
      size: 40_000 + i,
      host: `web-${i % 40}`,
      version: `40000-1780000000000-${i}`,
    }),
  );
  for (let i = 0; i < listedDumps.length; i += 1000)
    await store.list(listedDumps.slice(i, i + 1000), '2026-12-01T10:00:00Z');
  let done = 0;
  for (let after = 0; ; ) {
    const dumps: readonly StoredDump[] = await store.waiting(SCOPE, after, 1000);
    if (dumps.length === 0) return;
    for (const dump of dumps) {
      await store.store(dump, resultOfCrowd(Number(/(\d+)\.zst$/.exec(dump.uri)![1]), crowd));
      done += 1;
      at?.(done);
    }
    after = dumps.at(-1)!.id;
  }
}
