import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { searchBytes } from './harness.js';
import { Memory } from './memory.js';

function tokenOf(key: Buffer, bits = 256) {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = Buffer.from(`${encode({ alg: `HS${bits}` })}.${encode({ sub: 'someone', n: key.length })}`);
  return {
    offset: 0,
    hash: `sha${bits}`,
    signed,
    signature: createHmac(`sha${bits}`, key).update(signed).digest(),
  };
}

/** A heap of numbers that contains the chunk. */
function heap(chunk: Buffer): { bytes: Buffer; at: number } {
  const memory = new Memory();
  const random = new SeededRandom('hmac');
  memory.filler(40_000);
  memory.noise(random, 30, 4);
  const at = memory.chunk(chunk);
  memory.noise(random, 30, 8);
  return { bytes: memory.bytes(), at };
}

const pad = (key: Buffer, byte: number, block: number) =>
  Buffer.alloc(block, byte).map((value, i) => value ^ (key[i] ?? 0));

describe('symmetric keys of tokens', () => {
  const random = new SeededRandom('secret');

  test.each([256, 384, 512])('are found as %i random bits', (bits) => {
    const key = random.bytes(bits / 8);
    const { bytes, at } = heap(key);
    const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key, bits)] });
    expect(candidates.map(({ offset, length, kind }) => [offset, length, kind])).toEqual([
      [at, bits / 8, 'symmetric-key'],
    ]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('are found %i bytes off the words, between zeros', (shift) => {
    for (const [octets, bits] of [
      [32, 256],
      [48, 384],
      [64, 512],
      [128, 512],
    ] as const) {
      const key = random.bytes(octets).map((byte) => byte || 1);
      const zeros = Buffer.alloc(24);
      const { bytes, at } = heap(
        Buffer.concat([zeros, zeros.subarray(0, shift), key, zeros.subarray(shift), zeros]),
      );
      const { candidates } = searchBytes(bytes, { tokens: [tokenOf(Buffer.from(key), bits)] });
      expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at + 24 + shift, octets]]);
    }
  });

  // As in mbedTLS (md.c), Go and Java: arrays with or without headers between them.
  test.each([
    ['side by side', 256, 0],
    ['side by side', 512, 0],
    ['the other way round', 256, 1],
    ['in objects of their own', 256, 2],
  ] as const)('are found as both padded keys that fill a block, %s, HS%i', (_, bits, order) => {
    const key = random.bytes(bits / 4);
    const pads = [0x36, 0x5c].map((byte) => Buffer.from(pad(key, byte, bits / 4)));
    const memory = new Memory();
    const noise = new SeededRandom('hmac');
    memory.filler(512);
    memory.noise(noise, 9, 8);
    if (order === 2) {
      memory.chunk(pads[0]!);
      memory.noise(noise, 9, 8);
      memory.chunk(pads[1]!);
    } else memory.chunk(Buffer.concat(order === 1 ? pads.reverse() : pads));
    const { candidates } = searchBytes(memory.bytes(), { tokens: [tokenOf(key, bits)] });
    expect(candidates.map(({ length }) => length)).toEqual([bits / 4]);
  });

  test('padded keys beyond the limit are reported', () => {
    const memory = new Memory();
    const noise = new SeededRandom('pads');
    for (let i = 0; i < 10_050; i++) memory.chunk(Buffer.from(pad(noise.bytes(32), 0x36, 64)));
    const { limits } = searchBytes(memory.bytes(), { tokens: [tokenOf(noise.bytes(32))] });
    expect(limits.map(({ search }) => search)).toContain('hmac-keys');
  });

  test('are found as any text near their token', () => {
    const key = Buffer.from(['correct', 'horse', 'battery', 'staple'].join('-'));
    const memory = new Memory();
    memory.filler(1024);
    const at = memory.chunk(key);
    const tokens = [tokenOf(key)];
    expect(searchBytes(memory.bytes(), { tokens }).candidates.map(({ offset }) => offset)).toEqual([at]);
  });

  test.each([
    ['inner pad', 0x36],
    ['outer pad', 0x5c],
  ] as const)("are found as HMAC's %s", (_form, byte) => {
    for (const bits of [256, 384, 512])
      for (const length of [24, 32, 48]) {
        const key = random.bytes(length);
        const block = bits === 256 ? 64 : 128;
        const { bytes, at } = heap(Buffer.from(pad(key, byte, block)));
        const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key, bits)] });
        expect([bits, length, candidates.map(({ offset, length }) => [offset, length])]).toEqual([
          bits,
          length,
          [[at, block]],
        ]);
      }
  });

  const text = (length: number) =>
    Buffer.from(random.bytes(length).toString('base64url').slice(0, length), 'latin1');
  const number = (value: number, octets = 8) => {
    const written = Buffer.alloc(octets);
    written.writeUInt32LE(value);
    return written;
  };
  const ones = Buffer.alloc(8, 0xff);
  const address = number(0x1234_5678).fill(0x7f, 4, 6);
  // Its last two bytes are printable.
  const hashed = Buffer.from('9182a3b4c5d6416a', 'hex');
  // Bytes before and after a secret, by its length.
  const headers: [string, (length: number) => [Buffer[], Buffer?]][] = [
    ['a length, as PHP and Erlang do', (length) => [[hashed, number(length)]]],
    ['its length in bits', (length) => [[address, number(8 * length)]]],
    ['a hash not computed yet, as in CPython', (length) => [[number(length), ones]]],
    ['a hash of printable bytes', (length) => [[number(length), hashed]]],
    [
      'a state and four arbitrary bytes, as in CPython 3.12',
      (length) => [[number(length), hashed, number(0x64, 4), Buffer.from('\xffabc', 'latin1')]],
    ],
    [
      'its length in 32 bits, without a terminator',
      (length) => [[hashed, number(length, 4)], Buffer.from('abc\0')],
    ],
    ['the name of a variable, in an environment', () => [[Buffer.from('x=\0JWT_SECRET=', 'latin1')]]],
    ['the size of a chunk', () => [[address, number(0x41)]]],
    [
      'the header of an array in a heap dump, with the next one after it',
      (length) => [[Buffer.from(`00000001000000${length.toString(16)}08`, 'hex')], Buffer.from('#\0')],
    ],
    [
      'bytes of another string, as in Go',
      () => [[address, Buffer.from('\x01\x02\x03xyz\x80\x81', 'latin1')]],
    ],
  ];

  test.each(headers)('are found as text far from their token after %s', (_name, header) => {
    for (const length of [24, 43, 64]) {
      const key = text(length);
      const [before, after = Buffer.alloc(1)] = header(length);
      const memory = new Memory();
      memory.filler(48 * 1024);
      const at = memory.chunk(Buffer.concat([...before, key, after])) + Buffer.concat(before).length;
      memory.filler(1000);
      const { candidates, limits } = searchBytes(memory.bytes(), { tokens: [tokenOf(key)] });
      expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at, key.length]]);
      expect(limits).toEqual([]);
    }
  });

  /** Size word of glibc's smallest chunk for a content length, with the flag of a neighbour in use. */
  const sizeOf = (length: number) => number(Math.max(32, (length + 8 + 15) & ~15) | 1);

  test.each([
    ['what lay there before', [43, 46, 64, 67], Buffer.from('Q\x8c\x02', 'latin1')],
    ['the size of the next chunk', [24, 40, 56], sizeOf(40)],
  ])('are found as text without a terminator in a chunk of glibc, before %s', (_name, lengths, after) => {
    for (const length of lengths) {
      const key = text(length);
      const memory = new Memory();
      memory.filler(48 * 1024);
      const at = memory.chunk(Buffer.concat([address, sizeOf(length), key, after])) + 16;
      memory.filler(1000);
      const { candidates, limits } = searchBytes(memory.bytes(), { tokens: [tokenOf(key)] });
      expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at, length]]);
      expect(limits).toEqual([]);
    }
  });

  test('are found as text across the boundaries of the blocks read', () => {
    const bytes = Buffer.alloc(2 ** 21 + 4096);
    for (const [i, at] of [
      2 ** 20 - 300,
      2 ** 20 - 20,
      2 ** 20 - 1,
      2 ** 20,
      2 ** 20 + 8,
      bytes.length - 40,
    ].entries()) {
      bytes.fill(0);
      const key = Buffer.from(`words of ${i} without any look`.replaceAll(' ', '-').padEnd(40, '.'));
      key.copy(bytes, at);
      const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key)] });
      expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at, 40]]);
    }
  });

  test('are found as the characters of a possible JSON Web Key member, anywhere', () => {
    const key = Buffer.from(random.bytes(32).toString('base64url'));
    const memory = new Memory();
    memory.filler(48 * 1024);
    const at = memory.chunk(Buffer.concat([Buffer.from([1, 2, 3, 0xfe]), key, Buffer.alloc(1)])) + 4;
    const { candidates } = searchBytes(memory.bytes(), { tokens: [tokenOf(key)] });
    expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at, 43]]);
  });

  // Lengths other than 32, 48 and 64 octets, which the text net covers: Python's jwcrypto stores a passphrase
  // like this.
  test.each([16, 25, 43, 100])('are found as the base64url of %i octets, far from their token', (octets) => {
    const key = random.bytes(octets);
    const member = Buffer.from(key.toString('base64url'));
    const { bytes, at } = heap(member);
    const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key)] });
    expect(candidates.map(({ offset, length, encoding }) => [offset, length, encoding])).toEqual([
      [at, member.length, 'base64url'],
    ]);
  });

  test('are not searched for as text in bytes that would be decompressed again, which is reported', () => {
    const key = text(40);
    const memory = new Memory();
    memory.filler(64 * 1024);
    memory.chunk(Buffer.concat([number(40), key]));
    memory.filler(64 * 1024);
    const bytes = memory.bytes();
    // Every other page is cached; the secret is in the ninth.
    const near = (offset: number, length: number) => {
      const page = Math.floor(offset / 8192);
      return page % 2 === 1 ? Math.min(length, (page + 1) * 8192 - offset) : 0;
    };
    const tokens = [tokenOf(key)];
    const found = searchBytes(bytes, { tokens }, false, near);
    expect(found.candidates).toEqual([]);
    expect(found.limits).toEqual([
      {
        search: 'hmac-pages',
        target: 'blind',
        left: expect.any(Number),
        deep: true,
        offset: 0,
        length: expect.any(Number),
        reason: expect.stringMatching(
          /^\d+ bytes were not read again .*: they were decoded once and not kept$/,
        ),
      },
    ]);
    expect(searchBytes(bytes, { tokens }, true, near)).toMatchObject({
      candidates: [{ kind: 'symmetric-key' }],
      limits: [],
    });
  });

  test('of too many texts the random-looking ones are tried first, and the rest is reported', () => {
    const key = text(43);
    const parts: Buffer[] = [];
    const letters = (i: number) => i.toString(26).replace(/[0-9]/g, (d) => 'qrstuvwxyz'[Number(d)]!);
    for (let i = 0; i < 30_000; i++) {
      const words = Buffer.alloc(48);
      words.write(`a-name-of-some-thing-${'abcdefghij'[i % 10]}${letters(i)}`, 8);
      parts.push(words);
    }
    parts.push(number(43), key, Buffer.alloc(21));
    const open = Array.from({ length: 700 }, (_, i) => ({ ...tokenOf(text(43 + i)), offset: i * 100 }));
    const { candidates, limits } = searchBytes(Buffer.concat(parts), { tokens: [tokenOf(key), ...open] });
    expect(candidates).toHaveLength(1);
    expect(limits).toMatchObject([
      {
        search: 'hmac-texts',
        reason: expect.stringMatching(/^\d+ pairs of a text and a token were not tried/),
        target: 'blind',
        left: expect.any(Number),
        deep: true,
      },
    ]);
  });

  test.each([
    ['hexadecimal digits', 64, (key: Buffer) => key.toString('hex'), 'hex'],
    ['digits in upper case', 64, (key: Buffer) => key.toString('hex').toUpperCase(), 'hex'],
    ['digits of no usual length', 20, (key: Buffer) => key.toString('hex'), 'hex'],
    ['base64', 64, (key: Buffer) => key.toString('base64'), 'base64'],
    ['base64 without its end', 32, (key: Buffer) => key.toString('base64').replace(/=+$/, ''), 'base64'],
  ] as const)('are found as the octets that a text encodes, anywhere: %s', (_, octets, write, encoding) => {
    // A key with a character of base64 that base64url lacks.
    const keys = Array.from({ length: 8 }, () => random.bytes(octets));
    const key = keys.find((each) => /[+/]/.test(each.toString('base64')))!;
    const memory = new Memory();
    memory.filler(40_000);
    const at = memory.chunk(Buffer.from(`${write(key)}\0`));
    const { candidates } = searchBytes(memory.bytes(), { tokens: [tokenOf(key, 512)] });
    expect(candidates.map((each) => [each.offset, each.length, each.encoding])).toEqual([
      [at, write(key).length, encoding],
    ]);
  });

  test('are found as text after zeros and the end of another text that passes for a length', () => {
    const key = Buffer.from(random.bytes(64).toString('hex'));
    const memory = new Memory();
    memory.filler(40_000);
    const before = Buffer.concat([Buffer.alloc(24, 120), Buffer.alloc(8)]);
    const at = memory.chunk(Buffer.concat([before, key, Buffer.alloc(8)])) + before.length;
    const { candidates } = searchBytes(memory.bytes(), { tokens: [tokenOf(key)] });
    expect(candidates.map(({ offset, length }) => [offset, length])).toEqual([[at, key.length]]);
  });

  // Padded texts as in Go and Java: none of their bytes is random.
  test.each([
    ['inner pad', 0x36, 256, 40_000],
    ['outer pad', 0x5c, 256, 40_000],
    ['inner pad', 0x36, 512, 40_000],
    ['outer pad', 0x5c, 384, 40_000],
    ['inner pad', 0x36, 256, (1 << 20) - 32],
    ['inner pad', 0x36, 512, (1 << 20) - 100],
  ] as const)('are found as a text under the %s (%i), HS%i, at %i', (form, byte, bits, at) => {
    const key = Buffer.from(['correct', 'horse', 'battery', 'staple'].join('-'));
    const block = bits === 256 ? 64 : 128;
    const bytes = Buffer.alloc((1 << 20) + 4096);
    Buffer.from(pad(key, byte, block)).copy(bytes, at);
    Buffer.from(pad(Buffer.from(`${key}-of-another`), byte, block)).copy(bytes, 8192);
    const { candidates } = searchBytes(bytes, { tokens: [tokenOf(key, bits)] });
    expect(candidates.map((each) => [each.offset, each.length])).toEqual([[at, block]]);
    expect(candidates[0]!.evidence).toContain(`stored as the ${form}`);
  });

  test('are tried on one token of each issuer first', () => {
    const key = random.bytes(32);
    const { bytes } = heap(key);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const issued = (iss: string, by: Buffer, i: number) => {
      const signed = Buffer.from(`${encode({ alg: 'HS256' })}.${encode({ iss, i })}`);
      return {
        offset: i,
        hash: 'sha256',
        signed,
        signature: createHmac('sha256', by).update(signed).digest(),
      };
    };
    const others = Array.from({ length: 40 }, (_, i) => issued('them', random.bytes(32), i));
    const { candidates } = searchBytes(bytes, { tokens: [...others, issued('us', key, 40)] });
    expect(candidates).toHaveLength(1);
  });

  test('are not reported without a token that they verify', () => {
    const key = random.bytes(32);
    const { bytes } = heap(key);
    expect(searchBytes(bytes).candidates).toHaveLength(0);
    expect(searchBytes(bytes, { tokens: [tokenOf(random.bytes(32))] }).candidates).toHaveLength(0);
  });
});
