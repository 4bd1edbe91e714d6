import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import type { StoredDump } from '../../../fleet/src/model/dump.js';
import type { Store } from '../../../fleet/src/store/store.js';
import * as host from '../../../src/index.js';
import {
  add,
  FAR,
  hex,
  LATER,
  listed,
  NOW,
  OTHER_RULES,
  PAST,
  RULES,
  result,
  SCOPE,
  secret,
} from './samples.js';

const names = (dumps: readonly StoredDump[]) => dumps.map(({ uri }) => uri.replace(/.*\//, ''));
const CRASH = { isCrash: true, code: 'crashed', message: 'SIGSEGV', isTemporary: false };
const GONE = { isCrash: false, code: 'file-unreadable', message: 'EACCES', isTemporary: false };
const SLOW = { isCrash: false, code: 'slow-down', message: '503', isTemporary: true };

/** What work needs of a store, the same for each driver. `open` makes a new store. */
export function workCases(open: () => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    useHost(host);
    store = await open();
  });
  afterEach(() => store.close());

  const claimed = async (most = 100, worker = 'w') => names(await store.claim(SCOPE, worker, FAR, most));

  describe('a listing', () => {
    test('counts what is new, changed and unchanged', async () => {
      const first = [listed('a'), listed('b')];
      expect(await store.list(first, NOW)).toEqual({ added: 2, changed: 0, unchanged: 0 });
      const second = [listed('a'), listed('b', { version: 'b-2' }), listed('c'), listed('c')];
      expect(await store.list(second, LATER)).toEqual({ added: 1, changed: 1, unchanged: 1 });
    });

    test('makes a changed dump pending again, and an unchanged one not', async () => {
      const [a, b] = await add(store, [listed('a'), listed('b')]);
      await store.store(a!, result('one'));
      await store.store(b!, result('two'));
      expect(await claimed()).toEqual([]);
      await store.list([listed('a'), listed('b', { size: 101 })], LATER);
      expect(await claimed()).toEqual(['b']);
    });

    test('marks what is not listed any more as gone, below a prefix alone', async () => {
      await add(store, [listed('a'), listed('b'), listed('c', { uri: 'file://here/other/c' })]);
      await store.list([listed('a')], LATER);
      expect(await store.markGone('file://here/dumps/', LATER)).toBe(1);
      expect(await store.markGone('file://here/dumps/', LATER)).toBe(0);
      expect(await claimed()).toEqual(['a', 'c']);
      await store.list([listed('b')], LATER);
      await store.release('w');
      expect(await claimed()).toEqual(['a', 'b', 'c']);
    });
  });

  describe('claims', () => {
    test('give small dumps first, each once until it is released or its lease ends', async () => {
      const dumps = await add(store, [
        listed('a', { size: 9 }),
        listed('b', { size: 5 }),
        listed('c', { size: 7 }),
      ]);
      expect(await claimed(2)).toEqual(['b', 'c']);
      expect(await claimed(2, 'v')).toEqual(['a']);
      expect(await claimed(2, 'u')).toEqual([]);
      await store.release('w', [dumps[1]!.id]);
      expect(await claimed(2, 'u')).toEqual(['b']);
      await store.renew('v', PAST);
      expect(await claimed(2, 'u')).toEqual(['a']);
      await store.release('w');
      await store.release('u');
      expect(await claimed()).toEqual(['b', 'c', 'a']);
    });

    test('are limited to prefixes, and to what has no scan under any rules', async () => {
      const dumps = await add(store, [listed('a'), listed('b'), listed('c', { uri: 'file://here/x/c' })]);
      await store.store(dumps[0]!, result('one', { ruleset: OTHER_RULES.digest }));
      const there = { ...SCOPE, prefixes: ['file://here/dumps/', 'file://here/y'] };
      expect(names(await store.claim(there, 'w', FAR, 10))).toEqual(['b']);
      await store.release('w');
      expect(names(await store.claim({ ...there, rescan: true }, 'w', FAR, 10))).toEqual(['a', 'b']);
    });

    test('a copy of content that is held or claimed is not given', async () => {
      const [a, b, c] = await add(store, [listed('a'), listed('b'), listed('c')]);
      const until = FAR;
      expect(await store.claimContent(hex('x'), RULES.digest, 'w', until, a!)).toBe(true);
      expect(await store.claimContent(hex('x'), RULES.digest, 'w', until, b!)).toBe(false);
      expect(await store.claimContent(hex('x'), RULES.digest, 'v', until)).toBe(false);
      expect(await claimed()).toEqual(['c']);
      await store.release('w');
      expect(await claimed()).toEqual(['a', 'c']);
      await store.store(a!, result('x'));
      await store.fail(c!, RULES.digest, GONE);
      expect(await store.pending(SCOPE)).toMatchObject({ dumps: 0 });
      expect(await store.claimContent(hex('x'), RULES.digest, 'w', until)).toBe(false);
      expect((await store.dump(b!.id))?.sha256).toBe(hex('x'));
    });

    test('a hold of content ends with its time, and with a failure of its dump', async () => {
      const [a] = await add(store, [listed('a')]);
      expect(await store.claimContent(hex('x'), RULES.digest, 'w', PAST, a!)).toBe(true);
      expect(await store.claimContent(hex('x'), RULES.digest, 'v', FAR, a!)).toBe(true);
      await store.fail(a!, RULES.digest, CRASH);
      expect(await store.claimContent(hex('x'), RULES.digest, 'u', FAR, a!)).toBe(true);
    });
  });

  describe('results', () => {
    test('are stored once for each content and rule set', async () => {
      const [a, b] = await add(store, [listed('a'), listed('b')]);
      const found = result('x', { findings: [secret('s'), secret('t')], exit: 1 });
      expect(await store.isScanned(hex('x'), RULES.digest)).toBe(false);
      expect(await store.store(a!, found)).toBe(true);
      expect(await store.store(b!, found)).toBe(false);
      expect(await store.isScanned(hex('x'), RULES.digest)).toBe(true);
      expect(await store.isScanned(hex('x'), OTHER_RULES.digest)).toBe(false);
      expect(await claimed()).toEqual([]);
    });

    test('do not connect a dump that was replaced meanwhile', async () => {
      const [a] = await add(store, [listed('a')]);
      await store.list([listed('a', { version: 'a-2' })], LATER);
      expect(await store.store(a!, result('x'))).toBe(true);
      expect(await claimed()).toEqual(['a']);
      const now = await store.dump(a!.id);
      expect(now?.sha256).toBeUndefined();
      await store.link(now!, hex('x'));
      await store.release('w');
      expect(await claimed()).toEqual([]);
    });

    test('are not stored if the work within their transaction fails', async () => {
      const [a] = await add(store, [listed('a')]);
      const broken = store.store(a!, result('x'), async () => {
        throw new Error('job lost');
      });
      await expect(broken).rejects.toThrow('job lost');
      expect(await store.isScanned(hex('x'), RULES.digest)).toBe(false);
      const rows: unknown[] = [];
      await store.store(a!, result('x'), async (sql) => {
        rows.push(
          ...(await sql.executeSql('select count(*) as n from scan where sha256 = $1', [hex('x')])).rows,
        );
      });
      expect(rows).toEqual([{ n: 1 }]);
    });

    test('unknown rules and contents without a scan are refused', async () => {
      const [a] = await add(store, [listed('a')]);
      await expect(store.store(a!, result('x', { ruleset: hex('?') }))).rejects.toThrow('unknown rule set');
      await expect(store.link(a!, hex('x'))).rejects.toThrow('no scan');
    });

    test('hasSize is of another dump', async () => {
      const [a] = await add(store, [listed('a'), listed('b', { size: 7 })]);
      expect(await store.hasSize(100, a!.id)).toBe(false);
      expect(await store.hasSize(7, a!.id)).toBe(true);
    });
  });

  describe('failures', () => {
    test('the third crash is the last', async () => {
      const [a] = await add(store, [listed('a')]);
      for (const expected of [
        { crashes: 1, dead: false },
        { crashes: 2, dead: false },
        { crashes: 3, dead: true },
      ]) {
        expect(await claimed()).toEqual(['a']);
        let inside: unknown;
        const within = async (_sql: unknown, failure: unknown) => {
          inside = failure;
        };
        expect(await store.fail(a!, RULES.digest, CRASH, within)).toEqual(expected);
        expect(inside).toEqual(expected);
      }
      expect(await claimed()).toEqual([]);
      expect(await store.pending(SCOPE)).toMatchObject({ dumps: 0 });
      await store.list([listed('a')], LATER);
      expect(await claimed()).toEqual([]);
      await store.list([listed('a', { version: 'a-2' })], LATER);
      expect(await claimed()).toEqual(['a']);
    });

    test('an unreadable dump waits for the next listing', async () => {
      const [a] = await add(store, [listed('a')]);
      expect(await store.fail(a!, RULES.digest, GONE)).toEqual({ crashes: 0, dead: false });
      expect(await claimed()).toEqual([]);
      expect(await store.pending(SCOPE)).toMatchObject({ dumps: 0, waiting: 0 });
      await store.list([listed('a')], LATER);
      expect(await claimed()).toEqual(['a']);
    });

    test('a failure that may pass is tried twice more, later', async () => {
      const [a] = await add(store, [listed('a')]);
      for (const waiting of [1, 1, 0]) {
        expect(await store.fail(a!, RULES.digest, SLOW)).toEqual({ crashes: 0, dead: false });
        expect(await claimed()).toEqual([]);
        expect(await store.pending(SCOPE)).toMatchObject({ dumps: waiting, waiting });
      }
    });

    test('a crash after it is tried at once, and a scan ends all of them', async () => {
      const [a] = await add(store, [listed('a')]);
      await store.fail(a!, RULES.digest, SLOW);
      expect(await store.fail(a!, RULES.digest, CRASH)).toEqual({ crashes: 1, dead: false });
      expect(await claimed()).toEqual(['a']);
      await store.store(a!, result('x'));
      await store.list([listed('a', { version: 'a-2' })], LATER);
      expect(await store.fail((await store.dump(a!.id))!, RULES.digest, CRASH)).toMatchObject({ crashes: 1 });
      // The version that failed is not the present one.
      expect(await store.fail(a!, RULES.digest, CRASH)).toEqual({ crashes: 0, dead: false });
    });
  });

  test('pending counts dumps, and contents under other rules once', async () => {
    const [a, b] = await add(store, [
      listed('a'),
      listed('b'),
      listed('c', { size: 7 }),
      listed('d', { size: 9 }),
    ]);
    await store.store(a!, result('x', { ruleset: OTHER_RULES.digest }));
    await store.link(b!, hex('x'));
    expect(await store.pending(SCOPE)).toEqual({
      dumps: 2,
      bytes: 16,
      waiting: 0,
      otherRules: 1,
      otherBytes: 100,
    });
    const copies = await store.claim({ ...SCOPE, rescan: true }, 'w', FAR, 10);
    expect(names(copies)).toEqual(['c', 'd', 'a']);
  });

  describe('the digest', () => {
    const fill = async (order: readonly number[]) => {
      const contents = [
        result('x', {
          findings: [secret('s'), secret('t', { fingerprint: null }), secret('t', { fingerprint: null })],
        }),
        result('y', { findings: [secret('s', { severity: 'low', preview: 'aa', spki: hex('s') })] }),
        result('z', {
          complete: false,
          limits: ['b', 'a'],
          answers: [{ target: `spki:${hex('spki')}`, status: 'absent', complete: false }],
        }),
      ];
      const dumps = await add(
        store,
        ['a', 'b', 'c', 'd'].map((name) => listed(name)),
      );
      for (const index of order) await store.store(dumps[index]!, contents[index]!);
      await store.fail(dumps[3]!, RULES.digest, GONE);
    };

    test('does not depend on the order of results', async () => {
      await fill([0, 1, 2]);
      const first = await store.digest();
      await store.close();
      store = await open();
      await fill([2, 1, 0]);
      expect(await store.digest()).toBe(first);
    });

    test.each([
      [
        'a finding',
        async () => {
          const [d] = await store
            .waiting({ ...SCOPE, rescan: true }, 0, 9)
            .then(() => add(store, [listed('e')]));
          await store.store(d!, result('w', { findings: [secret('u')] }));
        },
      ],
      [
        'a failure',
        async () => {
          const [d] = await add(store, [listed('e')]);
          await store.fail(d!, RULES.digest, CRASH);
        },
      ],
      ['a dump', () => store.list([listed('e')], NOW)],
      ['a host', () => store.list([listed('a', { host: 'web' })], NOW)],
    ])('differs by %s', async (_name, change) => {
      await fill([0, 1, 2]);
      const before = await store.digest();
      await change();
      expect(await store.digest()).not.toBe(before);
    });
  });

  test('its own check finds nothing', async () => {
    await add(store, [listed('a')]);
    expect(await store.check()).toEqual([]);
  });
}
