import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { memoryStorage } from '../../src/core/base/bytes/storage.js';
import { Sources } from '../../src/source/sources.js';
import type { GivenSource, SourceInput } from '../../src/source/types.js';
import { chunksOf, codes, collectEvents, program, readAll, sample, scratch } from './collect.js';

const files = scratch();
afterAll(() => files.remove());

const options = { follow: false, ifNoFiles: 'warn' } as const;
const open = (...inputs: SourceInput[]) => collectEvents(new Sources(inputs, options).open());

const core = sample(300_000);
const mtime = new Date('2024-05-06T07:08:09Z');

/** Each kind of bytes that a source may have. */
const KINDS: [string, (bytes: Buffer) => GivenSource['bytes']][] = [
  ['a buffer', (bytes) => bytes],
  ['a part of a larger buffer', (bytes) => Buffer.concat([Buffer.from('x'), bytes]).subarray(1)],
  ['a generator', (bytes) => chunksOf(bytes, 1000)],
  ['a stream', (bytes) => Readable.from(chunksOf(bytes, 70_000))],
  ['a storage', (bytes) => memoryStorage(bytes)],
];

describe.each(KINDS)('a source of %s', (_kind, bytesOf) => {
  test('is one artifact', async () => {
    const all = await open({ name: 'queue/1\n', mtime, bytes: bytesOf(core) });
    expect(all.artifacts).toMatchObject([
      { path: 'queue/1\\x0a', mtime, live: false, unread: [], warnings: [] },
    ]);
    expect(all.artifacts[0]!.bytes.equals(core)).toBe(true);
    expect(all.notices).toEqual([]);
  });

  test('is unpacked, as deep as it is nested', async () => {
    files.write('in/core', core);
    const tar = program('tar', ['-cC', `${files.folder}/in`, 'core'], Buffer.alloc(0));
    const bytes = bytesOf(program('gzip', ['-nc'], tar));
    const all = await open({ name: 'dumps.tgz', mtime, bytes });
    expect(all.order).toEqual(['dumps.tgz', 'dumps.tgz!dumps.tar', 'dumps.tgz!core']);
    expect(all.artifacts[2]!.bytes.equals(core)).toBe(true);
  });

  test('comes in the order of the inputs, also twice', async () => {
    const file = files.write('file', 'file');
    const given = { name: 'given', bytes: bytesOf(Buffer.from('given')) };
    const all = await open(file, given, files.write('last', 'last'));
    expect(all.artifacts.map(({ bytes }) => bytes.toString())).toEqual(['file', 'given', 'last']);
  });
});

test.each([
  ['a buffer', new Uint8Array(0), ['incomplete empty-input']],
  ['a storage', memoryStorage(new Uint8Array(0)), []],
  ['a stream', Readable.from([]), ['incomplete empty-input']],
])('%s without bytes is an empty artifact', async (_kind, bytes, warnings) => {
  const all = await open({ name: 'empty', bytes });
  expect(all.artifacts).toMatchObject([{ path: 'empty', unread: [] }]);
  expect(codes(all)).toEqual(warnings);
});

test('a stream that fails keeps the bytes before the error', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('before');
    throw Object.assign(new Error('gone'), { code: 'EIO' });
  }
  const all = await open({ name: 'socket', bytes: failing() });
  expect(all.artifacts).toMatchObject([
    { unread: [{ offset: 6, length: null }], warnings: [{ code: 'read-failed' }] },
  ]);
  expect(all.artifacts[0]!.bytes.toString()).toBe('before');
});

test('an abort ends a stream that brings nothing, and lists what was not opened', async () => {
  const abort = new AbortController();
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('some');
    setImmediate(() => abort.abort(new Error('stopped')));
    await new Promise(() => {});
  }
  const inputs = [
    { name: 'done', bytes: Buffer.from('done') },
    { name: 'silent', bytes: silent() },
    { name: 'next', mtime, bytes: Buffer.from('next') },
  ];
  const sources = new Sources(inputs, { ...options, signal: abort.signal });
  const texts: string[] = [];
  const opening = (async () => {
    for await (const event of sources.open())
      if (event.type === 'opened' && event.artifact !== undefined) {
        texts.push(readAll(event.artifact.storage).toString());
        event.artifact.close();
        event.close();
      }
  })();
  await expect(opening).rejects.toThrow('stopped');
  expect(texts).toEqual(['done']);
  const left: unknown[] = [];
  for await (const each of sources.left(AbortSignal.timeout(1000))) left.push(each);
  expect(left).toEqual([
    { type: 'left', path: 'silent' },
    { type: 'left', path: 'next', size: 4, mtime },
  ]);
});

test('a stream of text is read as UTF-8, and one of something else fails', async () => {
  const text = await open({ name: 'text', bytes: Readable.from(['ä', 'b'], { encoding: 'utf8' }) });
  expect(text.artifacts[0]!.bytes.toString()).toBe('äb');
  const numbers = await open({ name: 'numbers', bytes: Readable.from([1, 2]) });
  expect(numbers.artifacts).toMatchObject([
    { unread: [{ offset: 0, length: null, reason: expect.stringContaining('neither bytes nor text') }] },
  ]);
});

test('the storage of a source is not closed, and its buffer is not changed', async () => {
  const shared = memoryStorage(core);
  const buffer = Buffer.from(core);
  await open({ name: 'storage', bytes: shared }, { name: 'buffer', bytes: buffer });
  expect(readAll(shared).equals(core)).toBe(true);
  expect(buffer.equals(core)).toBe(true);
});
