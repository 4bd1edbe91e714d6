import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { ScanChild, type ScanEvent, scan } from '../../../src/index.js';
import { describeWith } from '../../support/describe.js';
import { drip, FaultyServer, silence, status } from '../faulty-server.js';
import { withAccess } from '../listed.js';
import { S3Server, setEnvironment } from '../s3.js';
import { codeOf, storedDump, unsealed, withDump, withSpool } from './opened.js';

/** Objects of a bucket: of moto, with a server in front that fails. */

const [dump] = fixtureDumps().filter(({ name }) => name === 'signer.core');
const KEY = 'web1/signer.core';
const URL = `s3://dumps/${KEY}`;

async function findings(events: AsyncIterable<ScanEvent>): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  for await (const event of events) if (event.type === 'finding') found.push(event.fingerprint);
  return found;
}

describeWith(['python3-moto'], 'an object of a bucket', () => {
  let s3: S3Server;
  let front: FaultyServer;
  let restore: () => void;

  beforeAll(async () => {
    s3 = await S3Server.start();
    front = await FaultyServer.start(s3.endpoint);
    restore = setEnvironment(s3.environment(front.url));
    await s3.makeBucket('dumps');
    await s3.makeBucket('far', 'eu-central-1');
  });
  afterAll(async () => {
    restore();
    await front.stop();
    await s3.stop();
  });

  test('is scanned in a child as the same file on disk is', async () => {
    await s3.putObject('dumps', KEY, dump!.bytes);
    await withAccess((access) =>
      withSpool(async (slot, _spool, folder) => {
        const stored = await storedDump(access, URL);
        const child = await ScanChild.within({}, {}, { spool: slot.fd });
        try {
          await withDump(stored, { access, slot }, async (opened) => {
            expect(opened.sha256).toBe(createHash('sha256').update(dump!.bytes).digest('hex'));
            const path = join(folder, 'signer.core');
            writeFileSync(path, dump!.bytes);
            const expected = await findings(scan({ paths: [path] }));
            expect(expected.length).toBeGreaterThan(0);
            expect(await findings(child.scan(opened.source))).toEqual(expected);
          });
        } finally {
          await child.close();
        }
        const get = front.requests.find(({ method, path }) => method === 'GET' && path === `/dumps/${KEY}`);
        expect(get?.headers['if-match']).toBe(stored.version);
      }),
    );
  });

  test('that was replaced is never read under its old version', async () => {
    await withAccess((access) =>
      withSpool(async (slot) => {
        await s3.putObject('dumps', KEY, 'before');
        const stored = await storedDump(access, URL);
        await s3.putObject('dumps', KEY, 'later.');
        expect(await codeOf(stored, { access, slot })).toBe('object-replaced');
        const now = await storedDump(access, URL);
        await withDump(now, { access, slot }, (opened) => {
          expect(unsealed(opened, slot).plain.toString()).toBe('later.');
        });
        await s3.deleteObject('dumps', KEY);
        expect(await codeOf(now, { access, slot })).toBe('object-gone');
      }),
    );
  });

  test('that is replaced while it is read is read whole, or not at all', async () => {
    await withAccess((access) =>
      withSpool(async (slot) => {
        await s3.putObject('dumps', KEY, 'before');
        const stored = await storedDump(access, URL);
        // The first answer is cut; the second attempt finds another object.
        front.faults.set(`/dumps/${KEY}`, (_request, answer) => {
          front.faults.clear();
          answer.writeHead(200, { etag: stored.version, 'content-length': stored.size });
          answer.write('bef', async () => {
            await s3.putObject('dumps', KEY, 'later.');
            answer.destroy();
          });
        });
        expect(await codeOf(stored, { access, slot })).toBe('object-replaced');
      }),
    );
  });

  test('is asked for again, a bounded number of times, while its store fails', async () => {
    await withAccess((access) =>
      withSpool(async (slot, spool) => {
        await s3.putObject('dumps', KEY, 'content');
        const stored = await storedDump(access, URL);
        const path = `/dumps/${KEY}`;
        const slow = drip(stored.size, stored.version);
        for (const [fault, code] of [
          [status(503), 'object-unreachable'],
          [status(500), 'object-unreachable'],
          [status(403), 'access-denied'],
          [silence, 'object-unreachable'],
          [slow, 'object-unreachable'],
        ] as const) {
          front.requests.length = 0;
          front.faults.set(path, fault);
          expect(await codeOf(stored, { access, slot })).toBe(code);
          expect(front.of('GET', path)).toBeLessThanOrEqual(6);
          expect(spool.used).toBe(0);
        }
        front.faults.clear();
        expect(await codeOf(stored, { access, slot })).toBe('opened');
      }),
    );
  });

  test('of another region is not read, unless that is allowed', async () => {
    await s3.putObject('far', 'core', 'far away');
    await withSpool(async (slot) => {
      const stored = await withAccess((access) => storedDump(access, 's3://far/core'), { allowEgress: true });
      await withAccess(async (access) => {
        expect(await codeOf(stored, { access, slot })).toBe('egress-refused');
      });
      await withAccess(
        async (access) => {
          expect(await codeOf(stored, { access, slot })).toBe('opened');
        },
        { allowEgress: true },
      );
    });
  });
});
