import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import type { Store } from '../../../fleet/src/store/store.js';
import * as host from '../../../src/index.js';
import { type Crowd, findingsOf, storeCrowd } from './many.js';
import { TARGET } from './samples.js';

/** Fingerprints of secrets, each with the numbers of the dumps that have it. */
function oracle(crowd: Crowd): Map<string, number[]> {
  const dumpsOf = new Map<string, number[]>();
  for (let dump = 0; dump < crowd.dumps; dump += 1)
    for (const { fingerprint } of findingsOf(dump, crowd))
      dumpsOf.set(fingerprint!, [...(dumpsOf.get(fingerprint!) ?? []), dump]);
  return dumpsOf;
}

/** Answers of a store with many findings are those of a naive count. */
export function crowdCases(open: () => Promise<Store>, crowd: Crowd): void {
  describe(`${crowd.dumps * crowd.findings} findings`, () => {
    let store: Store;
    let dumpsOf: Map<string, number[]>;
    beforeAll(async () => {
      useHost(host);
      store = await open();
      await storeCrowd(store, crowd);
      dumpsOf = oracle(crowd);
    });
    afterAll(() => store.close());

    test('repeated secrets', async () => {
      const expected = [...dumpsOf].filter(([, dumps]) => dumps.length > 1);
      const order = new Map(expected.map(([print, dumps]) => [print, dumps.length]));
      expect(order.size).toBeGreaterThan(20);
      const found: [string, number][] = [];
      for await (const { secret, contents, dumps, hosts } of store.questions.repeated({})) {
        expect(dumps).toBe(contents);
        const names = dumpsOf.get(secret.fingerprint!)!.map((dump) => `web-${dump % 40}`);
        expect(hosts).toEqual([...new Set(names)].sort());
        found.push([secret.fingerprint!, contents]);
      }
      expect(found.length).toBe(order.size);
      expect(found.every(([print, contents]) => order.get(print) === contents)).toBe(true);
      const counts = found.map(([, contents]) => contents);
      expect(counts).toEqual([...counts].sort((a, b) => b - a));
    });

    test('dumps of a secret', async () => {
      const some = [...dumpsOf].filter((_, index) => index % Math.ceil(dumpsOf.size / 20) === 0);
      for (const [print, dumps] of some) {
        const found: number[] = [];
        for await (const { dump } of store.questions.findings({ fingerprints: [print] }, {}))
          found.push(Number(/(\d+)\.zst$/.exec(dump.uri)![1]));
        expect(found.sort((a, b) => a - b)).toEqual(dumps);
      }
    });

    test('all findings, and counts', async () => {
      let rows = 0;
      for await (const _ of store.questions.findings(undefined, {})) rows += 1;
      expect(rows).toBe(crowd.dumps * crowd.findings);
      expect(await store.questions.asked([TARGET.digest], {})).toMatchObject({
        ...{ dumps: crowd.dumps, notScanned: 0, incomplete: 0, searched: crowd.dumps },
      });
    });

    test('half of it is forgotten', async () => {
      const half = await store.questions.forget(['/dumps/web-?/*', '/dumps/web-1?/*']);
      const left = [...dumpsOf.values()].filter((dumps) => dumps.some((dump) => dump % 40 >= 20));
      const dumps = Array.from({ length: crowd.dumps }, (_, i) => i).filter((i) => i % 40 < 20).length;
      expect(half).toMatchObject({
        ...{ dumps, scans: dumps, findings: dumps * crowd.findings, secrets: dumpsOf.size - left.length },
      });
      expect(await store.check()).toEqual([]);
    });
  });
}
