import { createPublicKey } from 'node:crypto';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import {
  type DumpsieveError,
  type EachOptions,
  type ScanEvent,
  Scanner,
  type ScannerOptions,
  type SourceInput,
  scan,
} from '../../src/index.js';
import { SourceScan } from '../../src/scanner/source-scan.js';
import { close } from '../../src/source/file-system.js';
import { strongText } from '../judge/judged-builder.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { validateEvent } from '../support/reports.js';

/** A scanner that is opened once, for sources one after the other. */

const dumps = fixtureDumps();
const token = (seed: number): string => githubToken(new SeededRandom(`scanner ${seed}`));

async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) {
    validateEvent(JSON.parse(JSON.stringify(event)));
    all.push(event);
  }
  return all;
}

/** Events without what differs between two runs. */
const timeless = (events: readonly ScanEvent[]): unknown =>
  JSON.parse(
    JSON.stringify(events, (key, value) => (['startedAt', 'seconds'].includes(key) ? undefined : value)),
  );

async function withScanner<T>(options: ScannerOptions, body: (scanner: Scanner) => Promise<T>): Promise<T> {
  const scanner = await Scanner.open(options);
  try {
    return await body(scanner);
  } finally {
    await scanner.close();
  }
}

/** The events of a folder, source by source. */
function bySource(events: readonly ScanEvent[]): ScanEvent[][] {
  const sources: ScanEvent[][] = [];
  for (const event of events) {
    if (event.type === 'run') sources.push([]);
    sources.at(-1)!.push(event);
  }
  return sources;
}

const summaryOf = (events: readonly ScanEvent[]) => {
  const last = events.at(-1);
  if (last?.type !== 'summary') throw new Error('the events end without a summary');
  return last;
};

const codesOf = (events: readonly ScanEvent[]): string[] =>
  summaryOf(events).warnings.map(({ code }) => code);

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
    const files = { key: join(folder, 'ours.pem'), public: join(folder, 'ours.pub') };
    writeFileSync(files.key, pkcs8Pem(ours));
    writeFileSync(files.public, createPublicKey(ours).export({ type: 'spki', format: 'pem' }));
    const prime = Buffer.from(ours.export({ format: 'jwk' }).p!, 'base64url').reverse();
    const sources = [
      Buffer.from('nothing of interest'),
      Buffer.concat([Buffer.alloc(64), prime, Buffer.alloc(64)]),
      Buffer.from(pkcs8Pem(ours)),
      spki,
      Buffer.from(pkcs8Pem(other)),
      Buffer.from('nothing of interest'),
    ];
    for (const find of [[files.key], [files.public], [files.key, files.public]])
      await withScanner({ find }, async (scanner) => {
        for (const [i, bytes] of sources.entries()) {
          const path = join(folder, `dump-${i}`);
          writeFileSync(path, bytes);
          const expected = await collect(scan({ paths: [path], find }));
          expect(timeless(await collect(scanner.scan(path)))).toEqual(timeless(expected));
        }
      });
  });
});
