import { createPublicKey } from 'node:crypto';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import {
  type EachOptions,
  type ScanEvent,
  Scanner,
  type ScannerOptions,
  type SourceInput,
  scan,
} from '../../src/index.js';
import { close } from '../../src/source/file-system.js';
import { strongText } from '../prove/judge/judged-builder.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { bySource, codesOf, collect, summaryOf, timeless, token, withScanner } from './scanner-events.js';

/** A scanner that is opened once, for sources one after the other. */

const dumps = fixtureDumps();

describe('a source of a scanner', () => {
  const cases: [name: string, options: ScannerOptions][] = [
    ['by default', {}],
    ['with other thresholds', { failOn: 'low', minConfidence: 'low', strict: true, hash: true }],
    ['by some rules', { only: ['private-key-pem', 'github-token'] }],
    ['without bare keys', { entropyNet: false, jobs: 1 }],
  ];
  test.each(cases)('has the events of a scan of its own, %s', async (_, options) => {
    await withTempDir((folder) =>
      withScanner(options, async (scanner) => {
        const files = dumps.map(({ name, bytes }) => ({ path: join(folder, name), bytes }));
        const archive = { path: join(folder, 'all.gz'), bytes: gzipSync(dumps[0]!.bytes) };
        const empty = { path: join(folder, 'empty'), bytes: Buffer.alloc(0) };
        for (const { path, bytes } of [...files, archive, empty]) writeFileSync(path, bytes);
        for (const path of [...files, archive, empty].map((file) => file.path).concat(join(folder, 'none'))) {
          const expected = await collect(scan({ ...options, paths: [path] }));
          expect(timeless(await collect(scanner.scan(path)))).toEqual(timeless(expected));
        }
      }),
    );
  });

  test('has them as a buffer, a stream and a storage too', async () => {
    await withTempDir((folder) =>
      withScanner({}, async (scanner) => {
        const { bytes } = dumps[0]!;
        const path = join(folder, 'core');
        const mtime = new Date('2026-01-02T03:04:05.678Z');
        writeFileSync(path, bytes);
        const fd = openSync(path, 'r');
        async function* stream() {
          for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
        }
        const storage = { kind: 'file', fd, length: bytes.length } as const;
        const given: SourceInput[] = [bytes, stream(), storage].map((each) => ({
          ...{ name: path, mtime, bytes: each },
        }));
        const expected = await collect(scanner.scan(path));
        const artifact = expected.find(({ type }) => type === 'artifact');
        for (const input of given) {
          const events = await collect(scanner.scan(input));
          expect(timeless(events.filter(({ type }) => type !== 'artifact'))).toEqual(
            timeless(expected.filter(({ type }) => type !== 'artifact')),
          );
          expect(events[1]).toMatchObject({ ...artifact, mtime: mtime.toISOString() });
        }
        close(fd);
      }),
    );
  });
});

describe('a folder', () => {
  test('has a report for each file, in order, before the next file is opened', async () => {
    await withTempDir((folder) =>
      withScanner({}, async (scanner) => {
        const names = ['a', 'b', 'c'].map((name) => join(folder, name));
        for (const [i, name] of names.entries()) writeFileSync(name, `key=${token(i)}\n`);
        const events: ScanEvent[] = [];
        for await (const event of scanner.scan(folder)) {
          events.push(event);
          if (event.type === 'summary' && events.filter(({ type }) => type === 'summary').length === 1)
            rmSync(names[2]!);
        }
        const sources = bySource(events);
        expect(sources.map((source) => source.map(({ type }) => type))).toEqual([
          ['run', 'artifact', 'finding', 'summary'],
          ['run', 'artifact', 'finding', 'summary'],
          ['run', 'summary'],
        ]);
        expect(sources.map(([run]) => run?.type === 'run' && run.options.paths)).toEqual(
          names.map((name) => [name]),
        );
        expect(sources.map((source) => summaryOf(source).exit)).toEqual([1, 1, 0]);
        expect(codesOf(sources[2]!)).toContain('path-vanished');
      }),
    );
  });

  test('is masked source by source: by its own secrets, and those of the options', async () => {
    await withTempDir((folder) => {
      const [ours, theirs] = [strongText(1, 24), strongText(2, 32)];
      const file = join(folder, 'ours.env');
      writeFileSync(file, `PASSWORD=${ours}\n`);
      return withScanner({ find: [file] }, async (scanner) => {
        const named = (secret: string) => ({ name: `dump-${secret}`, bytes: Buffer.from('nothing') });
        const pathOf = async (input: SourceInput) => {
          const [, artifact] = await collect(scanner.scan(input));
          return artifact?.type === 'artifact' ? artifact.path : undefined;
        };
        expect(await pathOf(named(ours))).toBe('dump-[masked: asked-for]');
        expect(await pathOf(named(theirs))).toBe(`dump-${theirs}`);
        const own = { name: `dump-${theirs}`, bytes: Buffer.from(`jwt_secret=${theirs}\n`) };
        expect(await pathOf(own)).toMatch(/^dump-\[masked: /);
        // What one source has shown masks no other.
        expect(await pathOf(named(theirs))).toBe(`dump-${theirs}`);
      });
    });
  });
});

describe('a path without a source', () => {
  test.each<[name: string, path: string, options: ScannerOptions]>([
    ['an empty folder, which is ignored', 'empty', { ifNoFiles: 'ignore' }],
    ['a glob without a match, which is ignored', '*.core', { ifNoFiles: 'ignore' }],
    ['a glob of an empty folder', 'em*', {}],
  ])('has a report like that of a scan: %s', async (_, name, options) => {
    await withTempDir(async (folder) => {
      const key = join(folder, 'key.pem');
      writeFileSync(key, pkcs8Pem(rsaFrom('scanner, nothing', 1024)));
      mkdirSync(join(folder, 'empty'));
      const path = join(folder, name);
      for (const each of [options, { ...options, find: [key] }])
        await withScanner(each, async (scanner) => {
          const events = await collect(scanner.scan(path));
          expect(timeless(events)).toEqual(timeless(await collect(scan({ paths: [path], ...each }))));
          expect(summaryOf(events)).toMatchObject({ exit: 'find' in each ? 2 : 0 });
        });
    });
  });
});

describe('a call that is refused', () => {
  const source: SourceInput = { name: 'x', bytes: Buffer.from('x') };
  const failure = (events: AsyncIterable<ScanEvent>) => collect(events).catch((error: unknown) => error);

  test('a second scan at a time', async () => {
    await withScanner({}, async (scanner) => {
      const first = scanner.scan(source);
      await first.next();
      expect(await failure(scanner.scan(source))).toMatchObject({ code: 'scanner-busy', exit: 3 });
      await first.return();
      expect(summaryOf(await collect(scanner.scan(source)))).toMatchObject({ exit: 0 });
    });
  });

  test('a scan after the end', async () => {
    const scanner = await Scanner.open();
    await scanner.close();
    expect(await failure(scanner.scan(source))).toMatchObject({ code: 'scanner-closed', exit: 3 });
  });

  test('closing ends a scan at its next step, whatever that is', async () => {
    await withTempDir(async (folder) => {
      for (const name of ['a', 'b']) writeFileSync(join(folder, name), `key=${token(4)}\n`);
      const all = await withScanner({}, (scanner) => collect(scanner.scan(folder)));
      expect(all.map(({ type }) => type)).toEqual([
        'run',
        'artifact',
        'finding',
        'summary',
        'run',
        'artifact',
        'finding',
        'summary',
      ]);
      for (let read = 1; read <= all.length; read++) {
        const scanner = await Scanner.open();
        const events = scanner.scan(folder);
        for (let i = 0; i < read; i++) expect((await events.next()).done).toBe(false);
        await scanner.close();
        await expect(events.next()).rejects.toMatchObject({ code: 'scanner-closed' });
        expect((await events.next()).done).toBe(true);
      }
    });
  });

  test('closing ends a scan while its source is read, and no report begins after it', async () => {
    const scanner = await Scanner.open();
    let closed: Promise<void> | undefined;
    const onProgress = (): void => {
      closed ??= scanner.close();
    };
    expect(await failure(scanner.scan(source, { onProgress }))).toMatchObject({ code: 'scanner-closed' });
    await closed;
    expect(() => scanner.report({ paths: ['x'] })).toThrow('the scanner is closed');
  });

  test.each([
    ['paths', { paths: ['x'] }],
    ['a signal', { signal: AbortSignal.abort() }],
    ['a baseline to be written', { writeBaseline: 'x' }],
    ['a rule that is not there', { only: ['none'] }],
  ])('opening with %s', async (_, options) => {
    const opened = Scanner.open(options as ScannerOptions);
    await expect(opened).rejects.toMatchObject({ exit: 3 });
  });

  test('options of one scan that are those of a scanner', async () => {
    await withScanner({}, async (scanner) => {
      const each = { strict: true } as EachOptions;
      expect(await failure(scanner.scan(source, each))).toMatchObject({ code: 'wrong-option' });
    });
  });
});

test('targets of --find are searched for in each source, and an answer is of its source alone', async () => {
  await withTempDir(async (folder) => {
    const [ours, other] = [rsaFrom('scanner, ours', 1024), rsaFrom('scanner, other', 1024)];
    const spki = createPublicKey(ours).export({ type: 'spki', format: 'der' });
    const files = {
      key: join(folder, 'ours.pem'),
      public: join(folder, 'ours.pub'),
      env: join(folder, '.env'),
    };
    writeFileSync(files.key, pkcs8Pem(ours));
    writeFileSync(files.public, createPublicKey(ours).export({ type: 'spki', format: 'pem' }));
    const value = new SeededRandom('scanner, value').bytes(18).toString('base64url');
    writeFileSync(files.env, `DB_PASSWORD=${value}\n`);
    const { p, dp } = ours.export({ format: 'jwk' });
    const prime = Buffer.from(p!, 'base64url').reverse();
    const between = (bytes: Uint8Array | string) =>
      Buffer.concat([Buffer.alloc(64), Buffer.from(bytes), Buffer.alloc(64)]);
    // Only the search for copies finds these.
    const copies = [Buffer.from(dp!, 'base64url').toString('hex'), Buffer.from(value).toString('base64')];
    const sources = [
      Buffer.from('nothing of interest'),
      between(prime),
      ...copies.flatMap((copy) => [between(copy), between(copy)]),
      Buffer.from(pkcs8Pem(ours)),
      spki,
      Buffer.from(pkcs8Pem(other)),
      Buffer.from('nothing of interest'),
    ];
    for (const find of [[files.key], [files.public], [files.env], Object.values(files)]) {
      const present: number[] = [];
      await withScanner({ find }, async (scanner) => {
        for (const [i, bytes] of sources.entries()) {
          const path = join(folder, `dump-${i}`);
          writeFileSync(path, bytes);
          const expected = await collect(scan({ paths: [path], find }));
          const events = await collect(scanner.scan(path));
          expect(timeless(events)).toEqual(timeless(expected));
          if (
            events.some(
              (event) => event.type === 'find' && event.results.some(({ status }) => status === 'present'),
            )
          )
            present.push(i);
        }
      });
      if (find.includes(files.key)) expect(present).toEqual(expect.arrayContaining([1, 2, 3]));
      if (find.includes(files.env)) expect(present).toEqual(expect.arrayContaining([4, 5]));
    }
  });
});
