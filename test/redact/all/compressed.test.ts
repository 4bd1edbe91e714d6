import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { inflate } from '../../../src/core/encodings/inflate.js';
import { mayInflate } from '../../../src/core/encodings/stream-forms.js';
import { compressedFills } from '../../../src/redact/fill/compressed/stored-streams.js';
import fc from '../../support/property.js';

const MARK = 'a secret of this text';
const isSecret = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes(MARK);

async function fillsOf(memory: Uint8Array) {
  const fills = [];
  for await (const fill of compressedFills(bufferReader(memory), { isSecret })) fills.push(fill);
  return fills;
}

const texts = fc
  .array(fc.oneof(fc.constantFrom('abc', 'a', 'token ', '0'), fc.string()), { maxLength: 200 })
  .map((parts) => Buffer.from(parts.join('')));

describe('inflate', () => {
  test('decodes what zlib writes, with all strategies, and as much as there is of a part', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 9 }), fc.nat({ max: 4 }), (text, level, strategy) => {
        const stream = deflateRawSync(text, { level, strategy });
        const { bytes, decoded, used, complete } = inflate(stream, 0, 1 << 20);
        expect(Buffer.from(bytes).equals(text)).toBe(true);
        expect({ decoded, used, complete }).toEqual({
          decoded: text.length,
          used: stream.length,
          complete: true,
        });
        const part = inflate(stream.subarray(0, stream.length >> 1), 0, 1 << 20);
        expect(part.complete).toBe(false);
        expect(text.subarray(0, part.bytes.length).equals(Buffer.from(part.bytes))).toBe(true);
        expect(inflate(stream, 0, 5).bytes).toHaveLength(Math.min(5, text.length));
      }),
      { numRuns: 100 },
    );
  });

  test('decodes the same in pieces, and counts the same bytes', () => {
    const input = fc.record({
      text: texts,
      damage: fc.nat(),
      sizes: fc.array(fc.integer({ min: 1, max: 40 })),
    });
    fc.assert(
      fc.property(input, ({ text, damage, sizes }) => {
        const stream = deflateRawSync(Buffer.concat([text, text, text]));
        if (damage % 2 === 1) stream[damage % stream.length]! ^= 0x5a;
        const whole = inflate(stream, 0, 1 << 20);
        let [at, index] = [1, 0];
        const more = (): Uint8Array => {
          const from = at;
          at += sizes[index++ % sizes.length] ?? 1;
          return stream.subarray(from, at);
        };
        const parts = inflate(stream.subarray(0, 1), 0, 1 << 20, { more, window: () => {} });
        expect({ ...parts, bytes: Buffer.from(parts.bytes) }).toEqual({
          ...whole,
          bytes: Buffer.from(whole.bytes),
        });
      }),
      { numRuns: 200 },
    );
  });

  test('has nothing of bytes that are left for what they begin with', () => {
    const random = new SeededRandom('begin');
    let left = 0;
    for (let first = 0; first < 256; first++)
      for (const fifth of [0, 0xff, 0x5a])
        for (const second of [0, 1, 0x1d, 0x1e, 0xff]) {
          const start = [first, second, fifth, second ^ 0xff, fifth ^ (second === 1 ? 1 : 0xff)];
          const bytes = Uint8Array.from([...start, ...random.bytes(60)]);
          if (mayInflate(bytes, 0)) continue;
          left++;
          expect(inflate(bytes, 0, 1000)).toMatchObject({ decoded: 0, complete: false });
        }
    expect(left).toBeGreaterThan(500);
    for (const level of [0, 1, 9])
      expect(mayInflate(deflateRawSync(Buffer.from('abc'.repeat(level)), { level }), 0)).toBe(true);
  });

  test('ends at any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(inflate(bytes, 0, 1000).bytes.length).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 300 },
    );
  });
});

describe('compressed streams', () => {
  test('are found among headers in all bytes', async () => {
    const memory = Buffer.alloc(2 ** 20, '\x78\x9c', 'latin1');
    const stream = deflateSync(Buffer.from(MARK));
    stream.copy(memory, 1000);
    expect(await fillsOf(memory)).toMatchObject([{ offset: 1000, length: stream.length + 4 }]);
  });

  const random = new SeededRandom('compressed');
  const noise = Buffer.from(random.bytes(500).map((byte) => byte & 0x7f));
  const text = `${noise.toString('hex')} ${MARK} ${noise.toString('base64')}`;
  const zip = (name: string, content: Buffer): Buffer => {
    const header = Buffer.alloc(30);
    header.write('PK\x03\x04', 'latin1');
    header.writeUInt16LE(8, 8);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, Buffer.from(name), content]);
  };
  const rows: [name: string, stream: Buffer][] = [
    ['gzip', gzipSync(text)],
    ['zlib', deflateSync(text, { level: 9 })],
    ['a file of a ZIP archive', zip('notes.txt', deflateRawSync(text))],
    ['base64 of gzip', Buffer.from(gzipSync(text).toString('base64'))],
  ];

  test.each(rows)('%s is filled whole if it holds a finding', async (_name, stream) => {
    const memory = Buffer.concat([Buffer.alloc(100, 0xee), stream, Buffer.alloc(100, 0xee)]);
    const [fill, ...others] = await fillsOf(memory);
    expect(others).toEqual([]);
    expect(fill).toMatchObject({ offset: 100, cause: 'compressed stream' });
    const end = fill!.offset + fill!.length;
    expect(end).toBeGreaterThanOrEqual(100 + stream.length - 8);
    expect(end).toBeLessThanOrEqual(100 + stream.length + 8);
  });

  test('are filled as far as they can be decoded', async () => {
    const stream = gzipSync(`${MARK} ${text}`);
    const cut = stream.subarray(0, stream.length - 200);
    expect(await fillsOf(Buffer.concat([cut, Buffer.alloc(4096)]))).toHaveLength(1);
  });

  test('of any length are read to their end', async () => {
    const long = Buffer.concat([
      Buffer.alloc(2 ** 22 + 2 ** 21, 'long '),
      Buffer.from(random.bytes(2 ** 20)),
      Buffer.alloc(100),
      Buffer.from(MARK),
      Buffer.alloc(1000, 'end'),
    ]);
    const streams = [deflateSync(long, { level: 1 }), Buffer.from(gzipSync(long).toString('base64'))];
    for (const stream of streams) {
      // So that the stream goes on past what is read at once.
      const offset = 2 ** 22 - 1000;
      const memory = Buffer.concat([Buffer.alloc(offset, 0xee), stream, Buffer.alloc(100, 0xee)]);
      const [fill, ...others] = await fillsOf(memory);
      expect(others).toEqual([]);
      expect(fill?.offset).toBe(offset);
      expect(Math.abs(fill!.length - stream.length)).toBeLessThanOrEqual(8);
    }
  });

  const hostile: [name: string, repeated: Buffer, length: number][] = [
    ['texts that all begin with gzip', Buffer.from('H4sI'), 2 ** 17],
    ['names of gzip without an end', Buffer.from('1f8b08080101010101ff41', 'hex'), 2 ** 21],
    ['texts of names without an end', Buffer.from('H4sICAEBAQEB'), 2 ** 17],
  ];

  test.each(hostile)('%s take time that grows with the file', async (_name, repeated, length) => {
    const fills = compressedFills(bufferReader(Buffer.alloc(length, repeated)), { isSecret: () => false });
    expect((await fills.next()).done).toBe(true);
  });

  test('that are more than there is work for end it', async () => {
    const stream = deflateSync(Buffer.alloc(40, 'a'));
    const memory = Buffer.alloc(2 ** 20, stream);
    let [tests, isLimit] = [0, false];
    const fills = compressedFills(bufferReader(memory), {
      isSecret: () => tests++ < 0,
      onLimit: () => {
        isLimit = true;
      },
    });
    expect((await fills.next()).done).toBe(true);
    expect(isLimit).toBe(true);
    expect(tests).toBeLessThan(2 ** 26 / 2048);
  });

  test('without a finding stay', async () => {
    const memory = Buffer.concat([gzipSync('nothing of value'), deflateSync(noise), noise]);
    expect(await fillsOf(memory)).toEqual([]);
  });
});
