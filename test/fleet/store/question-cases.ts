import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import type { FoundIn, QueryFilter } from '../../../fleet/src/model/answers.js';
import type { SecretNames } from '../../../fleet/src/store/questions.js';
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
  RULES,
  result,
  SCOPE,
  secret,
  TARGET,
} from './samples.js';

const name = (uri: string) => uri.replace(/.*\//, '');

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

const KEY = secret('key', { kind: 'private-key', rule: 'rsa-key', spki: hex('spki'), severity: 'critical' });
const OLD = '2026-11-01T00:00:00.000Z';
const OLDER = '2026-10-01T00:00:00.000Z';

/**
 * a (web-1) and b (web-2, by a report) have the key, b is incomplete. copy has the content of a. c is
 * searched for the target and has a token of a. d is not scanned, e is dead, f is gone.
 */
async function fill(store: Store): Promise<void> {
  const dumps = await add(store, [
    listed('a', { host: 'web-1', dumpedAt: OLD }),
    listed('b', { host: 'web-2', dumpedAt: NOW, factsFrom: 'report' }),
    listed('c'),
    listed('copy', { uri: 'file://there/archive/2026/copy' }),
    listed('d'),
    listed('e'),
    listed('f', { uri: 's3://bucket/f' }),
  ]);
  const by = Object.fromEntries(dumps.map((dump) => [name(dump.uri), dump]));
  const shared = secret('shared');
  const own = secret('own', { rule: 'other-token', fingerprint: null, severity: 'low' });
  await store.store(
    by.a!,
    result('one', { exit: 1, findings: [own, shared, KEY], program: 'nginx', pid: 7, dumpedAt: OLDER }),
  );
  await store.link(by.copy!, hex('one'));
  await store.store(by.b!, result('two', { exit: 2, complete: false, limits: ['x', 'y'], findings: [KEY] }));
  await store.store(
    by.c!,
    result('three', {
      dumpedAt: OLDER,
      findings: [
        secret('shared', { occurrences: 3, place: { member: 'm', offset: 1, length: 2, region: 'heap' } }),
      ],
      answers: [{ target: TARGET.digest, status: 'absent', complete: true }],
      limits: ['x'],
    }),
  );
  await store.store(
    by.f!,
    result('four', {
      findings: [KEY],
      answers: [{ target: TARGET.digest, status: 'present', complete: true }],
    }),
  );
  for (let crash = 0; crash < 3; crash += 1)
    await store.fail(by.e!, RULES.digest, {
      isCrash: true,
      code: 'crashed',
      message: 'SIGSEGV',
      isTemporary: false,
    });
  await store.markGone('s3://bucket/', LATER);
}

/** Questions to what a store has, the same for each driver. */
export function questionCases(open: () => Promise<Store>): void {
  describe('what was found', () => {
    let store: Store;
    beforeAll(async () => {
      useHost(host);
      store = await open();
      await fill(store);
    });
    afterAll(() => store.close());

    const found = async (names: Partial<SecretNames> | undefined, filter: QueryFilter = {}) =>
      all(store.questions.findings(names && { fingerprints: [], ...names }, filter));
    const shown = (rows: readonly FoundIn[]) =>
      rows.map(({ dump, secret: { rule } }) => `${name(dump.uri)} ${rule}`);

    test.each<[string, Partial<SecretNames> | undefined, QueryFilter, string[]]>([
      ['a key by its public half', { spki: hex('spki') }, {}, ['a rsa-key', 'b rsa-key', 'copy rsa-key']],
      [
        'a secret by its fingerprint',
        { fingerprints: [`v1:${hex('shared')}`] },
        {},
        ['a some-token', 'c some-token', 'copy some-token'],
      ],
      [
        'any of several names',
        { ssh: 'SHA256:?', spki: hex('spki'), fingerprints: [`v1:${hex('shared')}`] },
        { file: 'a' },
        ['a rsa-key', 'a some-token'],
      ],
      ['a name that nothing has', { jwk: '?' }, {}, []],
      ['no name', {}, {}, []],
      ['a secret without a fingerprint, by none', { fingerprints: ['none:'] }, {}, []],
      [
        'everything',
        undefined,
        {},
        [
          ...['a rsa-key', 'a some-token', 'a other-token', 'b rsa-key', 'c some-token'],
          ...['copy rsa-key', 'copy some-token', 'copy other-token'],
        ],
      ],
      ['by a rule', undefined, { rule: 'other-token' }, ['a other-token', 'copy other-token']],
      ['by a glob of rules', undefined, { rule: '*-token', file: 'a' }, ['a some-token', 'a other-token']],
      ['by a host', undefined, { host: 'web-2' }, ['b rsa-key']],
      ['by a glob of hosts', { spki: hex('spki') }, { host: 'web-?' }, ['a rsa-key', 'b rsa-key']],
      ['since a time', { spki: hex('spki') }, { since: '2026-11-02T00:00:00Z' }, ['b rsa-key']],
      ['since that of a dump itself', undefined, { since: OLDER, file: 'c' }, ['c some-token']],
      ['after that of a dump itself', undefined, { since: OLD, file: 'c' }, []],
      ['by a path', undefined, { file: '/archive/2026/copy', rule: 'rsa-key' }, ['copy rsa-key']],
      ['by a URI', undefined, { file: 'file://here/dumps/b' }, ['b rsa-key']],
      ['by a glob of a path', undefined, { file: '/archive/**', rule: 'rsa-key' }, ['copy rsa-key']],
      ['by a star, which is no slash', undefined, { file: '/archive/*' }, []],
      ['by stars over folders', undefined, { file: 'file://**/copy', rule: 'rsa-key' }, ['copy rsa-key']],
      ['by a glob of a name', undefined, { file: 'c*', rule: 'some-*' }, ['c some-token', 'copy some-token']],
      ['by a name with signs of LIKE', undefined, { file: '%' }, []],
    ])('findings: %s', async (_name, names, filter, expected) => {
      expect(shown(await found(names, filter))).toEqual(expected);
    });

    test('a finding has its place, and facts of its dump with their sources', async () => {
      const [a, b, copy] = await found({ spki: hex('spki') });
      expect(a).toEqual({
        dump: {
          id: expect.any(Number),
          uri: 'file://here/dumps/a',
          size: 100,
          sha256: hex('one'),
          host: 'web-1',
          hostFrom: 'label',
          at: OLD,
          atFrom: 'label',
          program: 'nginx',
          pid: 7,
          complete: true,
        },
        secret: {
          fingerprint: KEY.fingerprint,
          spki: hex('spki'),
          kind: 'private-key',
          rule: 'rsa-key',
          title: KEY.title,
          severity: 'critical',
          preview: KEY.preview,
        },
        finding: { confidence: 'high', counts: true, occurrences: 1, place: KEY.place },
      });
      expect(b!.dump).toMatchObject({ host: 'web-2', hostFrom: 'report', at: NOW, atFrom: 'report' });
      expect(copy!.dump).toMatchObject({ at: OLDER, atFrom: 'dump' });
      expect(copy!.dump.host).toBeUndefined();
      const [c] = await found({ fingerprints: [`v1:${hex('shared')}`] }, { file: 'c' });
      expect(c!.finding).toMatchObject({
        occurrences: 3,
        place: { member: 'm', offset: 1, length: 2, region: 'heap' },
      });
      const [own] = await found(undefined, { rule: 'other-token' });
      expect(own!.secret.fingerprint).toBeNull();
    });

    test('a label is not replaced by a report, a report is by a label', async () => {
      const again = [listed('a', { host: 'other', factsFrom: 'report' }), listed('b', { host: 'web-9' })];
      await store.list(again, LATER);
      const [a, b] = await found({ spki: hex('spki') });
      expect([a!.dump.host, b!.dump.host, b!.dump.hostFrom]).toEqual(['web-1', 'web-9', 'label']);
      await store.list([listed('b', { host: 'web-2' })], LATER);
    });

    test.each<[string, string[], QueryFilter, object]>([
      ['all', [TARGET.digest], {}, { dumps: 6, bytes: 600, notScanned: 2, incomplete: 1, searched: 1 }],
      ['another target', ['?'], {}, { dumps: 6, bytes: 600, notScanned: 2, incomplete: 1, searched: 0 }],
      ['no target', [], { file: 'd' }, { dumps: 1, bytes: 100, notScanned: 1, incomplete: 0, searched: 0 }],
      ['nothing', [], { file: 'nothing' }, { dumps: 0, bytes: 0, notScanned: 0, incomplete: 0, searched: 0 }],
    ])('of how many dumps: %s', async (_name, digests, filter, expected) => {
      expect(await store.questions.asked(digests, filter)).toEqual(expected);
    });

    test('answers of a gone dump are not shown, those of a listed one are, the best first', async () => {
      expect(await store.questions.answers([TARGET.digest], {})).toEqual([]);
      await store.list([listed('f', { uri: 's3://bucket/f' })], NOW);
      const answers = await store.questions.answers([TARGET.digest], {});
      expect(answers.map(({ dump, answer }) => [dump.uri, answer])).toEqual([
        ['s3://bucket/f', { target: TARGET.digest, status: 'present', complete: true }],
      ]);
      await store.markGone('s3://bucket/', LATER);
    });

    test('secrets in more than one content', async () => {
      const rows = await all(store.questions.repeated({}));
      expect(rows.map(({ secret: { rule }, ...rest }) => ({ rule, ...rest }))).toEqual(
        [
          { rule: 'rsa-key', contents: 2, dumps: 3, hosts: ['web-1', 'web-2'], firstAt: OLDER, lastAt: NOW },
          { rule: 'some-token', contents: 2, dumps: 3, hosts: ['web-1'], firstAt: OLDER, lastAt: OLD },
        ].sort((a, b) => (hexOrder(a.rule) < hexOrder(b.rule) ? -1 : 1)),
      );
      expect((await all(store.questions.repeated({ rule: 'rsa-*' }))).map((row) => row.contents)).toEqual([
        2,
      ]);
      expect(await all(store.questions.repeated({ host: 'web-1' }))).toEqual([]);
    });

    test('the standing', async () => {
      expect(await store.questions.standing()).toEqual({
        dumps: 6,
        bytes: 600,
        done: 4,
        contents: 3,
        incomplete: 1,
        pending: 1,
        pendingBytes: 100,
        failed: 1,
        dead: 1,
        gone: 1,
        rulesets: [
          { version: '0.1.0', digest: RULES.digest, targets: 1, scans: 4, lastAt: expect.any(String) },
        ],
        limits: [
          { code: 'x', scans: 2 },
          { code: 'y', scans: 1 },
        ],
      });
    });

    test('failures', async () => {
      const rows = await all(store.questions.failures());
      expect(rows).toEqual([
        {
          dump: expect.objectContaining({ uri: 'file://here/dumps/e' }),
          ...{ code: 'crashed', message: 'SIGSEGV', crashes: 3, dead: true, at: expect.any(String) },
        },
      ]);
    });
  });

  describe('what is forgotten', () => {
    let store: Store;
    const fresh = async () => {
      useHost(host);
      store = await open();
      await fill(store);
    };
    const left = async () =>
      (await all(store.questions.findings(undefined, {}))).map(
        ({ dump, secret: { rule } }) => `${name(dump.uri)} ${rule}`,
      );

    test('a dump whose content a copy has', async () => {
      await fresh();
      const expected = { dumps: 1, scans: 0, findings: 0, secrets: 0, first: ['file://here/dumps/a'] };
      expect(await store.questions.forgettable(['a'])).toEqual(expected);
      expect(await store.questions.forget(['a'])).toEqual(expected);
      expect(await left()).toEqual([
        'b rsa-key',
        'c some-token',
        'copy rsa-key',
        'copy some-token',
        'copy other-token',
      ]);
      await store.close();
    });

    test('content that no other dump has, and secrets of it alone', async () => {
      await fresh();
      const expected = {
        dumps: 2,
        scans: 1,
        findings: 3,
        secrets: 1,
        first: ['file://here/dumps/a', 'file://there/archive/2026/copy'],
      };
      expect(await store.questions.forgettable(['a', 'copy'])).toEqual(expected);
      expect(await store.questions.forget(['a', 'copy'])).toEqual(expected);
      expect(await left()).toEqual(['b rsa-key', 'c some-token']);
      expect(await store.check()).toEqual([]);
      await store.close();
    });

    test('dumps by host, by time, and those that are gone', async () => {
      await fresh();
      expect((await store.questions.forget([], { host: 'web-*', before: LATER })).first).toEqual([
        'file://here/dumps/a',
        'file://here/dumps/b',
      ]);
      expect(await store.questions.forget([], { gone: true })).toMatchObject({
        dumps: 1,
        scans: 1,
        secrets: 0,
      });
      expect((await store.questions.forget([], { before: '2026-10-02T00:00:00Z' })).dumps).toBe(2);
      expect(await left()).toEqual([]);
      await store.close();
    });

    test('failures, of dead dumps too', async () => {
      await fresh();
      expect(await store.questions.forgetFailures(['a'])).toBe(0);
      expect(await store.questions.forgetFailures([])).toBe(1);
      expect((await store.claim(SCOPE, 'w', FAR, 9)).map(({ uri }) => name(uri))).toEqual(['d', 'e']);
      await store.close();
    });

    test('a rule set: what has no other scan is to be scanned again', async () => {
      await fresh();
      const [c] = (
        await store.waiting({ ...SCOPE, ruleset: OTHER_RULES.digest, rescan: true }, 0, 99)
      ).filter(({ uri }) => name(uri) === 'c');
      await store.store(c!, result('three', { ruleset: OTHER_RULES.digest, findings: [secret('shared')] }));
      const [newest] = await all(store.questions.findings(undefined, { file: 'c' }));
      expect(newest!.finding.occurrences).toBe(1);
      expect(await store.questions.forgetRuleset(RULES.digest)).toMatchObject({
        dumps: 0,
        scans: 4,
        secrets: 2,
      });
      expect(await left()).toEqual(['c some-token']);
      expect((await store.pending(SCOPE)).dumps).toBe(5);
      await store.close();
    });
  });
}

/** Rows with equal counts are in the order of fingerprints. */
const hexOrder = (rule: string) => hex(rule === 'rsa-key' ? 'key' : 'shared');
