import { describe, expect, test } from '@jest/globals';
import type { TextPlace } from '../../src/search/secrets/hmac/hmac-secret.js';
import { TextKernel } from '../../src/search/secrets/hmac/text-kernel.js';
import fc from '../support/property.js';

/** A kernel that holds these bytes. */
function holding(bytes: Uint8Array, offset = 0): TextKernel {
  const kernel = new TextKernel(bytes.length);
  kernel.room.set(bytes);
  kernel.begin(bytes.length, offset);
  return kernel;
}

const rows = (places: Iterable<TextPlace>) =>
  [...places].map(({ at, length, kind }) => [at, length, kind].join());
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number) => Buffer.concat([u32(value), u32(0)]);

/** Texts of 16 bytes and more with a look of their own, and pieces of headers between them. */
const TEXTS = [
  'k7Qz2mXv9RtB4wLcYp3sHd8NfG6jTe1A',
  'correct-horse-battery-staple',
  'aaaaaaaaaaaaaaaaaaaaaaaa',
  '_ZN4llvm5Value9takeNameEPS0_1x2y3z',
  'API_TOKEN=correct-horse-battery',
  'x=1',
  'fewer than 16',
  'a1'.repeat(150),
];
const piece = fc.oneof(
  fc.constantFrom(...TEXTS).map((text) => Buffer.from(text)),
  fc.constantFrom(...TEXTS).map((text) => Buffer.concat([u64(text.length), Buffer.from(text)])),
  fc.constantFrom(...TEXTS).map((text) => Buffer.concat([u32(text.length), Buffer.from(text)])),
  fc.nat(300).map((size) => u64(size)),
  fc.constantFrom(0, 1, 5, 8, 15, 16, 33).map((size) => Buffer.alloc(size)),
  fc.constantFrom(-1, 0x20, 8).map((byte) => Buffer.alloc(8, byte)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);
const memory = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.concat(pieces));

const PRINTABLE = /[\x21-\x7e]+/g;

/** Look of a text by its characters. */
function look(text: string): 'plain' | 'words' | 'random' {
  if (new Set(text).size < 8) return 'plain';
  const kinds = [...text].map((c) => [/\d/, /[a-z]/, /[A-Z]/].findIndex((kind) => kind.test(c)));
  const digits = kinds.filter((kind) => kind === 0).length;
  const letters = kinds.filter((kind) => kind > 0).length;
  const turns = kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length;
  return digits >= 2 && letters >= 2 && turns * 4 >= text.length ? 'random' : 'words';
}

/** All texts of the bytes, from the definition: headers, then the look. */
function* naive(bytes: Buffer, offset: number): Generator<string> {
  const padded = Buffer.concat([Buffer.alloc(64), bytes, Buffer.alloc(64)]);
  const word = (at: number) => (at < 0 ? Number.NaN : padded.readUInt32LE(64 + at));
  for (const { 0: run, index } of bytes.toString('latin1').matchAll(PRINTABLE)) {
    if (run.length < 16 || run.length > 272) continue;
    function* take(at: number, length: number, begins: boolean): Generator<string> {
      if (!begins && (offset + at) % 8 !== 0) return;
      const text = bytes.toString('latin1', at, at + length);
      const seems = look(text);
      if (seems === 'random' && !text.startsWith('_Z')) yield [at, length, 0].join();
      else if (seems !== 'plain' && begins) yield [at, length, 1].join();
    }
    /** The length before the text that begins `skip` characters into the run. */
    const stated = (skip: number): number => {
      const at = index + skip;
      const left = run.length - skip;
      const fits = (length: number) => length >= 16 && length <= left && left - length < 8;
      for (const ahead of [8, 16, 24, 32])
        if (fits(word(at - ahead)) && word(at - ahead + 4) === 0) return word(at - ahead);
      if (fits(word(at - 4))) return word(at - 4);
      const dumped = at >= 5 && bytes[at - 1] === 8 ? bytes.readUInt32BE(at - 5) : 0;
      return fits(dumped) ? dumped : 0;
    };
    const skips = Array.from({ length: 9 }, (_, skip) => skip).filter((skip) => run.length - skip >= 16);
    const skip = skips.find((skip) => stated(skip) > 0 && stated(skip) <= 256);
    if (skip !== undefined) yield* take(index + skip, stated(skip), true);
    if (skip === 0) continue;
    const before = padded.subarray(64 + index - 8, 64 + index);
    const quiet = before.filter((byte) => byte === 0).length >= 5 || before.every((byte) => byte === 255);
    if (run.length <= 256) yield* take(index, run.length, quiet);
    const chunk = index >= 8 && word(index - 4) === 0 ? word(index - 8) - (word(index - 8) % 8) : 0;
    if (chunk >= 32 && chunk % 16 === 0 && !(run.length <= chunk - 8 && bytes[index + run.length] === 0))
      for (let length = Math.min(chunk - 8, run.length - 1, 256); length >= 16; length--)
        if (length >= chunk - 8 - 15) yield* take(index, length, false);
    const name = /^[A-Za-z0-9_]{1,63}=/.exec(run)?.[0].length;
    if (name === undefined) continue;
    const value = run.length - name;
    if (value >= 16 && value <= 256) yield [index + name, value, 2].join();
  }
}

describe('the kernel of secrets', () => {
  test('finds the texts that headers and look say, at any offset', () => {
    fc.assert(
      fc.property(memory, fc.nat(7), (bytes, offset) => {
        expect(rows(holding(bytes, offset).texts(0, bytes.length, false, true))).toEqual([
          ...naive(bytes, offset),
        ]);
      }),
      { numRuns: 400 },
    );
  });

  test('finds each text once in parts of a block', () => {
    fc.assert(
      fc.property(memory, fc.nat(1000), (bytes, at) => {
        const cut = Math.min(bytes.length, at);
        const kernel = holding(bytes);
        const parts = [
          ...rows(kernel.texts(0, cut, false, true)),
          ...rows(kernel.texts(cut, bytes.length, true, true)),
        ];
        expect(parts).toEqual([...naive(bytes, 0)]);
      }),
    );
  });

  test('leaves out a text cut off by the end of a block, and by its beginning', () => {
    const [text = ''] = TEXTS;
    const bytes = Buffer.from(text);
    expect(rows(holding(bytes).texts(0, bytes.length, false, true))).toEqual(['0,32,0']);
    expect(rows(holding(bytes).texts(0, bytes.length, false, false))).toEqual([]);
    expect(rows(holding(bytes).texts(0, bytes.length, true, true))).toEqual([]);
  });

  test('goes on after its records are full', () => {
    const each = Buffer.concat([Buffer.from(TEXTS[0]!), Buffer.alloc(8)]);
    const bytes = Buffer.concat(Array.from({ length: 10_000 }, () => each));
    expect(rows(holding(bytes).texts(0, bytes.length, false, true))).toHaveLength(10_000);
    const marks = Buffer.from('secret '.repeat(10_000));
    expect(rows(holding(marks).marks(0, marks.length))).toHaveLength(10_000);
    const filler = Buffer.concat(
      Array.from({ length: 10_000 }, (_, i) => Buffer.alloc(20, i & 1 ? 0x36 : 0x5c)),
    );
    expect(rows(holding(filler).fillers(0, filler.length))).toHaveLength(10_000);
  });

  test('finds the ends of "secret" in two cases and two widths', () => {
    const word = fc.constantFrom('secret', 'SECRET', 'Secret', 'sEcret', 'secreT', 'ecre', 'e', 'é');
    const text = fc.array(fc.tuple(word, fc.constantFrom('latin1', 'utf16le')), { maxLength: 20 });
    fc.assert(
      fc.property(text, (words) => {
        const bytes = Buffer.concat(words.map(([word, encoding]) => Buffer.from(word, encoding)));
        const found: string[] = [];
        for (let at = 0; at < bytes.length; at++)
          for (const [unit, encoding] of [
            [1, 'latin1'],
            [2, 'utf16le'],
          ] as const)
            for (const mark of ['ecret', 'ECRET'])
              if (bytes.subarray(at, at + 5 * unit).equals(Buffer.from(mark, encoding)))
                found.push([at + 5 * unit, unit, 0].join());
        expect(rows(holding(bytes).marks(0, bytes.length))).toEqual(found);
      }),
    );
  });

  test('finds fillers of pads once, in the part where they begin', () => {
    const part = fc.tuple(fc.constantFrom(0x36, 0x5c, 0), fc.nat(60));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.nat(600), (parts, at) => {
        const bytes = Buffer.concat(parts.map(([byte, size]) => Buffer.alloc(size, byte)));
        const cut = Math.min(bytes.length, at);
        const kernel = holding(bytes);
        const found = [...bytes.toString('latin1').matchAll(/6{16,}|\\{16,}/g)].map(({ 0: run, index }) =>
          [index, run.length, run.charCodeAt(0)].join(),
        );
        expect([...rows(kernel.fillers(0, cut)), ...rows(kernel.fillers(cut, bytes.length))]).toEqual(found);
      }),
    );
  });
});
