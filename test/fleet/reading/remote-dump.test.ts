import { createHash } from 'node:crypto';
import { fstatSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { failure } from '../../../fleet/src/host.js';
import { outcomeOf } from '../../../fleet/src/reading/outcome.js';
import {
  content,
  cut,
  drip,
  type Fault,
  type FaultyServer,
  silence,
  status,
  until,
  withFaultyServer,
} from '../faulty-server.js';
import { withAccess } from '../listed.js';
import { codeOf, storedDump, unsealed, withDump, withSpool } from './opened.js';

/** Dumps from a server of this machine that fails in all ways. */

const bytes = Buffer.from(new SeededRandom('remote dump').bytes(2_500_000));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const PATH = '/dumps/core.1';

/** Lists a dump, lets the server fail, and opens it. */
const opening = (
  fault: Fault | undefined,
  body: (code: string, server: FaultyServer) => Promise<void> | void,
): Promise<void> =>
  withFaultyServer((server) =>
    withAccess((access) =>
      withSpool(async (slot, spool) => {
        server.faults.set(PATH, content(bytes));
        const dump = await storedDump(access, server.url + PATH);
        server.requests.length = 0;
        if (fault !== undefined) server.faults.set(PATH, until(1, content(bytes), fault));
        await body(await codeOf(dump, { access, slot }), server);
        expect(spool.used).toBe(0);
        expect(fstatSync(slot.fd).size).toBe(0);
      }),
    ),
  );

describe('a dump from elsewhere', () => {
  test('comes into the spool encrypted, with its digest, and leaves nothing', async () => {
    await withFaultyServer((server) =>
      withAccess((access) =>
        withSpool(async (slot, spool, folder) => {
          server.faults.set(
            PATH,
            content(bytes, '"v1"', { 'last-modified': 'Wed, 02 Dec 2026 01:02:03 GMT' }),
          );
          const dump = await storedDump(access, server.url + PATH);
          expect(dump).toMatchObject({
            size: bytes.length,
            version: '"v1"',
            mtime: '2026-12-02T01:02:03.000Z',
          });
          const sealed = await withDump(dump, { access, slot }, async (opened) => {
            expect(opened).toMatchObject({ sha256, version: '"v1"', size: bytes.length });
            expect(opened.source).toMatchObject({ name: server.url + PATH });
            const { plain, stored } = unsealed(opened, slot);
            expect(plain.equals(bytes)).toBe(true);
            expect(stored.includes(bytes.subarray(1_000_000, 1_000_016))).toBe(false);
            expect(spool.used).toBe(bytes.length);
            expect(readdirSync(folder)).toEqual([]);
            await opened.requireSame();
            return (opened.source as { sealed: { key: Uint8Array } }).sealed;
          });
          expect(spool.used).toBe(0);
          expect(fstatSync(slot.fd).size).toBe(0);
          expect(sealed.key.every((byte) => byte === 0)).toBe(true);
          expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
          expect(server.requests[1]?.headers).toMatchObject({ 'if-match': '"v1"' });
        }),
      ),
    );
  });

  test('has another key each time', async () => {
    await withFaultyServer((server) =>
      withAccess((access) =>
        withSpool(async (slot) => {
          server.faults.set(PATH, content(bytes));
          const dump = await storedDump(access, server.url + PATH);
          const stored = () => withDump(dump, { access, slot }, (opened) => unsealed(opened, slot).stored);
          expect((await stored()).equals(await stored())).toBe(false);
        }),
      ),
    );
  });

  test.each<[string, Fault, string]>([
    ['replaced, as If-Match says', status(412), 'object-replaced'],
    ['replaced, where If-Match is ignored', content(bytes, '"v2"'), 'object-replaced'],
    ['of another length, under the same ETag', content(bytes.subarray(1)), 'object-replaced'],
    ['removed', status(404), 'object-gone'],
    ['forbidden', status(403), 'access-denied'],
    ['redirected to another host', status(302, { location: 'https://example.com/' }), 'redirect-refused'],
    [
      'redirected to metadata',
      status(302, { location: 'http://169.254.169.254/latest' }),
      'redirect-refused',
    ],
  ])('that is %s is not asked for again', async (_name, fault, expected) => {
    await opening(fault, (code, server) => {
      expect(code).toBe(expected);
      expect(server.of('GET')).toBe(1);
    });
  });

  test.each<[string, Fault]>([
    ['503', status(503)],
    ['429', status(429)],
    ['500', status(500)],
    ['a cut answer', cut(bytes.subarray(0, 100_000), bytes.length)],
    ['an answer that drips', drip(bytes.length)],
    ['silence', silence],
  ])('is asked for again after %s, but not for ever', async (_name, fault) => {
    await opening(fault, (code, server) => {
      expect(code).toBe('object-unreachable');
      expect(server.of('GET')).toBe(3);
    });
    await opening(until(2, fault, content(bytes)), (code) => expect(code).toBe('opened'));
  });

  test('follows a redirect on its own host', async () => {
    await withFaultyServer((server) =>
      withAccess((access) =>
        withSpool(async (slot) => {
          server.faults.set(PATH, status(307, { location: '/elsewhere?token=1' }));
          server.faults.set('/elsewhere', content(bytes));
          const dump = await storedDump(access, server.url + PATH);
          await withDump(dump, { access, slot }, (opened) => expect(opened.sha256).toBe(sha256));
          server.faults.set('/elsewhere', status(302, { location: '/elsewhere' }));
          expect(await codeOf(dump, { access, slot })).toBe('redirect-refused');
        }),
      ),
    );
  });

  test('waits as long as the server asks, within bounds', async () => {
    const fault = until(2, status(503, { 'retry-after': '3600' }), content(bytes));
    const begun = Date.now();
    await opening(fault, (code) => expect(code).toBe('opened'));
    expect(Date.now() - begun).toBeLessThan(3_600_000);
  });

  test('that is aborted is given up at once', async () => {
    await withFaultyServer((server) =>
      withAccess((access) =>
        withSpool(async (slot, spool) => {
          server.faults.set(PATH, content(bytes));
          const dump = await storedDump(access, server.url + PATH);
          server.faults.set(PATH, cut(bytes.subarray(0, 100), bytes.length));
          const abort = new AbortController();
          server.faults.set(PATH, (...parts) => {
            drip(bytes.length)(...parts);
            setTimeout(() => abort.abort(new Error('enough')), 50);
          });
          const opened = codeOf(dump, { access, slot, signal: abort.signal });
          expect(await opened).toBe('Error: enough');
          expect(spool.used).toBe(0);
        }),
      ),
    );
  });

  test('larger than the spool is refused, before it is asked for', async () => {
    await withFaultyServer((server) =>
      withAccess((access) =>
        withSpool(async (slot) => {
          server.faults.set(PATH, content(bytes));
          const dump = await storedDump(access, server.url + PATH);
          expect(await codeOf(dump, { access, slot })).toBe('dump-exceeds-spool');
          expect(server.of('GET')).toBe(0);
        }, bytes.length - 1),
      ),
    );
  });
});

test.each([
  ['object-replaced', { type: 'replaced' }],
  ['object-gone', { type: 'unreadable', isTemporary: false }],
  ['access-denied', { type: 'unreadable', isTemporary: false }],
  ['dump-exceeds-spool', { type: 'unreadable', isTemporary: false }],
  ['object-unreachable', { type: 'unreadable', isTemporary: true }],
  ['spool-full', { type: 'unreadable', isTemporary: true }],
])('%s is an outcome of a job', (code, expected) => {
  expect(outcomeOf(failure({ code, message: 'message' }, 2))).toMatchObject(expected);
  expect(outcomeOf(Object.assign(new Error('a mistake'), { code }))).toBeUndefined();
});
