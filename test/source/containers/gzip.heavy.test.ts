import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from '../../support/property.js';
import { collect, program, sample, scratch } from '../collect.js';

const files = scratch();
afterAll(() => files.remove());

const gzip = (bytes: Uint8Array, ...args: string[]): Buffer => program('gzip', ['-nc', ...args], bytes);

/** The content of a container of these bytes. */
async function content(name: string, bytes: Uint8Array) {
  const all = await collect([files.write(name, bytes)]);
  expect(all.artifacts).toHaveLength(2);
  const [outer, inner] = all.artifacts;
  if (outer === undefined || inner === undefined) throw new Error('no content');
  const isEmpty = inner.bytes.length === 0 && inner.unread.length === 0;
  expect(all.notices.map(({ code }) => code)).toEqual(isEmpty ? ['empty-input'] : []);
  expect(outer.bytes.equals(bytes)).toBe(true);
  expect(outer.container).toBe('gzip');
  expect(outer.unread).toEqual([]);
  expect(inner.path).toContain(`${outer.path}!`);
  expect(inner.live).toBe(false);
  return inner;
}

const plain = sample(1_000_000);
const EMPTY_MEMBER = gzip(Buffer.alloc(0));

describe('gzip', () => {
  test.each(['-1', '-6', '-9'])('output of gzip %s', async (level) => {
    const inner = await content('core.gz', gzip(plain, level));
    expect(inner.bytes.equals(plain)).toBe(true);
    expect([inner.unread, inner.warnings]).toEqual([[], []]);
  });

  test('many members, some of them empty, as jmap gz= writes them', async () => {
    const parts = Array.from({ length: 100 }, (_, i) => sample((i * 37) % 5000, i + 1));
    const inner = await content('heap.hprof.gz', Buffer.concat(parts.map((part) => gzip(part))));
    expect(inner.bytes.equals(Buffer.concat(parts))).toBe(true);
    expect(inner.unread).toEqual([]);
  });

  test('a hundred thousand empty members between others', async () => {
    const empty = Buffer.concat(Array.from({ length: 50_000 }, () => EMPTY_MEMBER));
    const all = Buffer.concat([gzip(plain.subarray(0, 7)), empty, gzip(plain.subarray(7, 99)), empty]);
    const inner = await content('empty.gz', all);
    expect(inner.bytes.equals(plain.subarray(0, 99))).toBe(true);
    expect([inner.unread, inner.warnings]).toEqual([[], []]);
  });

  test('an abort takes effect among empty members', async () => {
    const path = files.write(
      'stopped.gz',
      Buffer.concat(Array.from({ length: 400_000 }, () => EMPTY_MEMBER)),
    );
    const stop = new AbortController();
    // The first turn of the event loop is the decoder's first pause.
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(collect([path], { signal: stop.signal })).rejects.toThrow('enough');
  });

  test.each([
    ['core.gz', 'core'],
    ['dump.tgz', 'dump.tar'],
    ['DUMP.GZ', 'DUMP'],
    ['dump', 'dump'],
    ['.gz', '.gz'],
  ])('without a name in the header, %s contains %s', async (name, inner) => {
    expect((await content(name, gzip(plain.subarray(0, 10)))).path).toBe(`${files.folder}/${name}!${inner}`);
  });

  /** A member header with optional fields (RFC 1952, section 2.3) before the deflate data of `gzip -n`. */
  function withHeader(flags: number, fields: Uint8Array, mtime = 0): Buffer {
    const head = Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]);
    head.writeUInt32LE(mtime, 4);
    return Buffer.concat([head, fields, gzip(Buffer.from('content')).subarray(10)]);
  }

  test.each([
    ['a name', 8, 'app.core\0', 'app.core'],
    ['a name that is no file name', 8, '../etc/passwd\0', 'x'],
    ['a name with escape sequences', 8, '\x1b[2Jcore\0', '\\x1b[2Jcore'],
    ['a name that is not UTF-8', 8, 'c\xffre\0', 'c\\xffre'],
    ['an empty name', 8, '\0', 'x'],
    [
      'an extra field, a name, a comment and a header checksum',
      4 | 8 | 16 | 2,
      '\x03\0abcapp\0why\0\x12\x34',
      'app',
    ],
  ])('header with %s', async (_, flags, fields, name) => {
    const inner = await content('x.gz', withHeader(flags, Buffer.from(fields, 'latin1'), 1_700_000_000));
    expect(inner.path).toBe(`${files.folder}/x.gz!${name}`);
    expect(inner.bytes.toString()).toBe('content');
    expect(inner.mtime?.toISOString()).toBe('2023-11-14T22:13:20.000Z');
  });

  test('the name stored by gzip, before content of many buffers', async () => {
    const whole = Buffer.concat([plain, plain, plain, randomBytes(4_000_000)]);
    const path = files.write('named.core', whole);
    const inner = await content('other.gz', program('gzip', ['-1c', path], Buffer.alloc(0)));
    expect(inner.path).toBe(`${files.folder}/other.gz!named.core`);
    expect(inner.bytes.equals(whole)).toBe(true);
  });

  test('cut anywhere: decodable content is kept, the rest is unread to an unknown end', async () => {
    const whole = gzip(plain);
    const cuts = [whole.length - 1, whole.length - 8, whole.length - 9, whole.length >> 1, 70_000, 400, 11];
    for (const cut of cuts) {
      const inner = await content('cut.gz', whole.subarray(0, cut));
      expect(inner.bytes.equals(plain.subarray(0, inner.bytes.length))).toBe(true);
      if (cut > whole.length - 9) expect(inner.bytes.length).toBe(plain.length);
      expect(inner.unread).toEqual([
        { offset: inner.bytes.length, length: null, reason: expect.stringContaining('ends early') },
      ]);
      expect(inner.warnings.map(({ code }) => code)).toEqual(['container-truncated']);
      expect(inner.warnings[0]?.hint).toBeTruthy();
    }
  });

  test('a gzip cut after four bytes is recognised and unread', async () => {
    const inner = await content('cut.gz', gzip(plain).subarray(0, 4));
    expect([inner.bytes.length, inner.unread[0]?.length]).toEqual([0, null]);
  });

  test('damage: content up to 64 bytes of input before it is kept', async () => {
    // Stored blocks (RFC 1951, section 3.2.4), then one of the reserved type 3.
    const block = Buffer.concat([Buffer.from([0, 0x40, 0x1f, 0xbf, 0xe0]), plain.subarray(0, 8000)]);
    const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    for (const blocks of [1, 5, 30]) {
      const bytes = Buffer.concat([head, ...Array<Buffer>(blocks).fill(block), Buffer.alloc(3000, 0xff)]);
      const inner = await content('bad.gz', bytes);
      expect(inner.warnings.map(({ code }) => code)).toEqual(['container-corrupt']);
      expect(inner.unread).toMatchObject([{ offset: inner.bytes.length, length: null }]);
      expect(inner.bytes.length).toBeGreaterThanOrEqual(8000 * blocks - 64);
      const stored = Buffer.concat(Array<Buffer>(blocks).fill(block.subarray(5)));
      expect(inner.bytes.equals(stored.subarray(0, inner.bytes.length))).toBe(true);
    }
  });

  test('a checksum mismatch affects its member alone', async () => {
    const bad = gzip(Buffer.from('second'));
    bad[bad.length - 8] = (bad[bad.length - 8] ?? 0) ^ 1;
    const bytes = Buffer.concat([gzip(Buffer.from('first ')), bad, gzip(Buffer.from(' third'))]);
    const inner = await content('sum.gz', bytes);
    expect(inner.bytes.toString()).toBe('first second third');
    expect(inner.unread).toMatchObject([{ offset: 6, length: 6 }]);
    expect(inner.warnings.map(({ code }) => code)).toEqual(['container-checksum']);
  });

  test('zeros after the last member are padding, anything else is reported', async () => {
    const bytes = gzip(plain.subarray(0, 1000));
    const padded = await content('pad.gz', Buffer.concat([bytes, Buffer.alloc(100_000)]));
    expect([padded.unread, padded.warnings]).toEqual([[], []]);
    for (const tail of ['garbage', '\x1f', '\0\0\0x', '\x1f\x8b\x08']) {
      const inner = await content('tail.gz', Buffer.concat([bytes, Buffer.from(tail, 'latin1')]));
      expect(inner.bytes.length).toBe(1000);
      expect(inner.unread).toMatchObject([{ offset: 1000, length: null }]);
      expect(inner.warnings[0]?.offset).toBe(bytes.length);
    }
  });

  test('property: any members and any cut never throw, and yield a prefix', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        async (members, cut) => {
          const whole = Buffer.concat(members.map((member) => gzip(member)));
          const length = 10 + (cut % (whole.length - 9));
          const inner = await content('p.gz', whole.subarray(0, length));
          const all = Buffer.concat(members);
          expect(inner.bytes.equals(all.subarray(0, inner.bytes.length))).toBe(true);
          if (inner.unread.length === 0) {
            const ends = members.map((_, i) => Buffer.concat(members.slice(0, i + 1)).length);
            expect(ends).toContain(inner.bytes.length);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
