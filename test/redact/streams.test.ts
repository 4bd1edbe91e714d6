import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { type RedactOptions, redact } from '../../src/api/redact.js';
import { chunksOf } from '../source/collect.js';
import { withTempDir } from '../support/folder.js';
import { BuiltProcess } from './built-core.js';

const TOKEN = githubToken(new SeededRandom('token in a stream'));
const TEXT = Buffer.from(`${'nothing here, '.repeat(90)}\ntoken: ${TOKEN}\n`);
const CORE = Buffer.concat([new BuiltProcess('streams').core().bytes, Buffer.alloc(3 * 2 ** 20)]);

/** Takes what is written to it. */
class Taken extends Writable {
  bytes = Buffer.alloc(0);

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    done();
  }
}

const inFolder = (
  body: (folder: string, call: (options: Partial<RedactOptions>) => Promise<unknown>) => Promise<void>,
): Promise<void> =>
  withTempDir((folder) =>
    body(folder, (options) =>
      redact({
        ...{ input: '-', output: join(folder, 'copy'), jobs: 1, spoolDir: folder },
        ...options,
      }),
    ),
  );

const DUMPS: [name: string, keep: 'all' | 'backtrace', dump: Buffer][] = [
  ['text', 'all', TEXT],
  ['gzip of text', 'all', gzipSync(TEXT)],
  ['a core', 'backtrace', CORE],
  ['gzip of a core', 'backtrace', gzipSync(CORE)],
];

describe.each(DUMPS)('%s, --keep %s', (_name, keep, dump) => {
  test('is the same copy from and to a stream as of a file', () =>
    inFolder(async (folder, call) => {
      const [input, manifest] = [join(folder, 'dump'), join(folder, 'manifest')];
      writeFileSync(input, dump);
      await call({ input, keep });
      const expected = readFileSync(join(folder, 'copy'));
      const stdin = () => Readable.from(chunksOf(dump, 50_000));
      await call({ stdin: stdin(), force: true, keep });
      expect(readFileSync(join(folder, 'copy')).equals(expected)).toBe(true);
      const stdout = new Taken();
      const early: number[] = [];
      const onProgress = () => early.push(stdout.bytes.length);
      await call({ stdin: stdin(), output: '-', stdout, manifest, keep, onProgress });
      expect(stdout.bytes.equals(expected)).toBe(true);
      expect(new Set(early)).toEqual(new Set([0]));
      expect(stdout.writableEnded).toBe(false);
      expect(readFileSync(manifest)).toEqual(readFileSync(join(folder, 'copy.manifest.json')));
      expect(readdirSync(folder).sort()).toEqual(['copy', 'copy.manifest.json', 'dump', 'manifest']);
    }));
});

async function* broken(): AsyncGenerator<Buffer> {
  yield TEXT;
  throw Object.assign(new Error('gone'), { code: 'EIO' });
}

const INPUTS: [name: string, make: () => NodeJS.ReadableStream, code: string, exit: number][] = [
  ['nothing arrives', () => Readable.from([]), 'empty-input', 2],
  ['it breaks off', () => Readable.from(broken()), 'read-failed', 2],
  ['it is cut gzip', () => Readable.from([gzipSync(TEXT).subarray(0, -5)]), 'container-truncated', 2],
  ['it has no format', () => Readable.from([Buffer.from('KDUMP   xx')]), 'redact-format', 3],
];

describe('nothing is written if', () => {
  test.each(INPUTS)('%s', (_name, make, code, exit) =>
    inFolder(async (folder, call) => {
      const [stdout, manifest] = [new Taken(), join(folder, 'manifest')];
      const options = { stdin: make(), output: '-', stdout, manifest, keep: 'backtrace' } as const;
      await expect(call(options)).rejects.toMatchObject({ code, exit });
      expect(stdout.bytes.length).toBe(0);
      expect(readdirSync(folder)).toEqual([]);
    }),
  );

  const CALLS: [name: string, options: Partial<RedactOptions>, code: string][] = [
    ['the manifest has no name', { stdout: new Taken() }, 'manifest-not-named'],
    ['there is no stream', { manifest: 'any' }, 'wrong-option'],
  ];
  test.each(CALLS)('%s', (_name, options, code) =>
    inFolder(async (_folder, call) => {
      const stdin = Readable.from([TEXT]);
      await expect(call({ stdin, output: '-', ...options })).rejects.toMatchObject({ code, exit: 3 });
    }),
  );

  test('the input is read from a stream that is stopped', () =>
    inFolder(async (folder, call) => {
      const controller = new AbortController();
      const stdin = new PassThrough();
      stdin.write(TEXT);
      const made = call({ stdin, signal: controller.signal });
      setImmediate(() => controller.abort('enough'));
      await expect(made).rejects.toBe('enough');
      expect(readdirSync(folder)).toEqual([]);
    }));
});

describe('there is no manifest', () => {
  const sent = (folder: string, stdout: Writable, more: Partial<RedactOptions> = {}) => ({
    ...{ stdin: Readable.from([CORE]), output: '-', stdout, keep: 'backtrace' as const },
    ...{ manifest: join(folder, 'manifest') },
    ...more,
  });

  test('if the reader goes away', () =>
    inFolder(async (folder, call) => {
      let writes = 0;
      const stdout = new Writable({
        write: (_chunk, _encoding, done) =>
          done(++writes > 1 ? Object.assign(new Error('closed'), { code: 'EPIPE' }) : null),
      });
      await expect(call(sent(folder, stdout))).rejects.toMatchObject({ code: 'output-not-written', exit: 3 });
      expect(writes).toBe(2);
      expect(readdirSync(folder)).toEqual([]);
    }));

  test('if it is stopped while the copy is sent', () =>
    inFolder(async (folder, call) => {
      const controller = new AbortController();
      const stdout = new Writable({
        write(_chunk, _encoding, done) {
          expect(readdirSync(folder)).toEqual(['manifest']);
          controller.abort('enough');
          done();
        },
      });
      await expect(call(sent(folder, stdout, { signal: controller.signal }))).rejects.toBe('enough');
      expect(readdirSync(folder)).toEqual([]);
    }));
});
