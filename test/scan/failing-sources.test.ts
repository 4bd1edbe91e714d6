import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { pkcs8Pem } from '../../fixtures/keys.js';
import {
  type DumpsieveError,
  type EachOptions,
  type ScanEvent,
  type SourceInput,
  scan,
} from '../../src/index.js';
import { SourceScan } from '../../src/scan/source-scan.js';
import { strongText } from '../prove/judge/judged-builder.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { bySource, codesOf, collect, summaryOf, timeless, token, withScanner } from './scanner-events.js';

const dumps = fixtureDumps();

describe('what goes wrong with one source', () => {
  /** Opening it throws: no reader has this kind. */
  const failing = { name: 'failing', bytes: { kind: 'none', length: 8 } } as unknown as SourceInput;

  test('is the end of that source, with a summary that says so', async () => {
    await withScanner({}, async (scanner) => {
      const events = await collect(scanner.scan(failing));
      expect(summaryOf(events)).toMatchObject({ complete: false, exit: 2 });
      expect(codesOf(events)).toContain('source-failed');
      const next = await collect(scanner.scan({ name: 'next', bytes: Buffer.from(token(7)) }));
      expect(summaryOf(next)).toMatchObject({ complete: true, exit: 1 });
    });
  });

  test('in the middle of it: what was swept by then is reported as unread', async () => {
    await withScanner({}, async (scanner) => {
      let reads = 0;
      const bytes = Buffer.from(`key=${token(8)}\n`);
      const onProgress = (): void => {
        if (++reads === 2) throw new Error('a caller that fails');
      };
      const events = await collect(scanner.scan({ name: 'cut', bytes }, { onProgress }));
      expect(events.find(({ type }) => type === 'artifact')).toMatchObject({
        ...{ path: 'cut', verdict: 'incomplete' },
        coverage: { file: { unread: [{ offset: 0, length: bytes.length }] } },
      });
      expect(codesOf(events)).toContain('source-failed');
    });
  });

  test('in the search for copies: the artifact counts as unread, and no answer is complete', async () => {
    await withTempDir(async (folder) => {
      const key = join(folder, 'key.pem');
      writeFileSync(key, pkcs8Pem(rsaFrom('scanner, copies', 1024)));
      const fails = jest.spyOn(SourceScan.prototype, 'searchCopies');
      fails.mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO' }));
      try {
        await withScanner({ find: [key] }, async (scanner) => {
          const events = await collect(scanner.scan({ name: 'read once', bytes: Buffer.from('nothing') }));
          expect(events.find(({ type }) => type === 'artifact')).toMatchObject({
            ...{ path: 'read once', verdict: 'incomplete' },
            coverage: { file: { unread: [{ offset: 0, length: 7 }] } },
          });
          expect(events.find(({ type }) => type === 'find')).toMatchObject({
            results: [{ artifact: 0, complete: false }],
          });
          expect(summaryOf(events)).toMatchObject({ complete: false, exit: 2, artifacts: 1 });
          expect(codesOf(events)).toContain('source-failed');
        });
      } finally {
        fails.mockRestore();
      }
    });
  });

  test('an error before any report is masked by the rules and the secrets of the options', async () => {
    await withTempDir(async (folder) => {
      const asked = strongText(3, 24);
      const file = join(folder, 'asked.env');
      writeFileSync(file, `PASSWORD=${asked}\n`);
      const options = { find: [file], include: [`${token(9)} ${asked} [z-a]`] };
      await withScanner(options, async (scanner) => {
        for (const events of [scanner.scan(folder), scan({ ...options, paths: [folder] })]) {
          const error = await collect(events).catch((thrown: unknown) => thrown);
          expect(error).toMatchObject({ code: 'bad-glob', exit: 3 });
          const { message, stack } = error as DumpsieveError;
          expect(message).toContain('[masked: asked-for]');
          for (const secret of [token(9), asked]) expect(message + stack).not.toContain(secret);
        }
      });
    });
  });

  test('an abort ends the sources, and lists those that were not opened', async () => {
    await withTempDir((folder) =>
      withScanner({}, async (scanner) => {
        for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(folder, name), token(1));
        const abort = new AbortController();
        const events: ScanEvent[] = [];
        for await (const event of scanner.scan(folder, { signal: abort.signal })) {
          events.push(event);
          if (event.type === 'summary') abort.abort('time-limit');
        }
        const [first, rest, ...others] = bySource(events);
        expect(others).toEqual([]);
        expect(summaryOf(first!)).toMatchObject({ complete: true });
        expect(summaryOf(rest!)).toMatchObject({ complete: false, exit: 2 });
        const unopened = rest!.flatMap((event) => (event.type === 'artifact' ? [event] : []));
        expect(unopened.map(({ format }) => format)).toEqual(Array(3).fill('not-opened'));
        // The scanner is as good as new.
        expect(summaryOf(await collect(scanner.scan(join(folder, 'b'))))).toMatchObject({ complete: true });
      }),
    );
  });

  test('an abort before or while a source is read gives the partial report of a scan', async () => {
    await withTempDir((folder) =>
      withScanner({}, async (scanner) => {
        const path = join(folder, 'core');
        writeFileSync(path, dumps[0]!.bytes);
        const early: EachOptions = { signal: AbortSignal.abort('time-limit') };
        const expected = await collect(scan({ paths: [path], ...early }));
        expect(timeless(await collect(scanner.scan(path, early)))).toEqual(timeless(expected));
        const stopping = (): EachOptions => {
          const abort = new AbortController();
          return { signal: abort.signal, onProgress: () => abort.abort('time-limit') };
        };
        const partial = await collect(scan({ paths: [path], ...stopping() }));
        expect(summaryOf(partial)).toMatchObject({ complete: false });
        expect(timeless(await collect(scanner.scan(path, stopping())))).toEqual(timeless(partial));
        expect(summaryOf(await collect(scanner.scan(path)))).toMatchObject({ complete: true });
      }),
    );
  });
});
