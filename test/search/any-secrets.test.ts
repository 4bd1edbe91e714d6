import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { searchBytes } from './harness.js';
import { Memory } from './memory.js';

function tokenOf(key: Buffer, { offset = 0, bits = 256 } = {}) {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = Buffer.from(`${encode({ alg: `HS${bits}` })}.${encode({ sub: 'someone', n: key.length })}`);
  return {
    offset,
    hash: `sha${bits}`,
    signed,
    signature: createHmac(`sha${bits}`, key).update(signed).digest(),
  };
}

const number = (value: number, octets = 8) => {
  const written = Buffer.alloc(octets);
  written.writeUInt32LE(value);
  return written;
};
const random = new SeededRandom('any secret');

/** Memory with these bytes in the middle, at an unaligned offset. */
function dump(bytes: Buffer): { memory: Buffer; at: number } {
  const memory = new Memory();
  memory.filler(40_000);
  memory.noise(random, 9, 8);
  const before = Buffer.concat([memory.bytes(), Buffer.of(1, 2, 3)]);
  return { memory: Buffer.concat([before, bytes, Buffer.alloc(40_000)]), at: before.length };
}

describe('secrets of tokens of any form', () => {
  const short = 'hush';
  const keys: [what: string, key: string, written: (key: string) => string][] = [
    ['a short one', short, (key) => `\0\0${key}\0`],
    ['words with blanks', 'my secret phrase', (key) => `\0${key}\0`],
    ['UTF-8', 'Schlüssel für Tokens', (key) => `\0${key}\0`],
    ['in JSON', short, (key) => `{"a":"b","jwtKey":"${key}","c":1}`],
    ['in escaped JSON', short, (key) => `{\\"jwtKey\\":\\"${key}\\",\\"c\\":1}`],
    ['in YAML, with blanks', 'a: b', (key) => `x: 1\nkey: ${key}\ny: 2`],
    ['in a command line', short, (key) => `--key=${key} --port=80`],
  ];
  test.each(keys)('near their token: %s', (_, text, written) => {
    const key = Buffer.from(text);
    const { memory, at } = dump(Buffer.from(written(text)));
    const { candidates } = searchBytes(memory, { tokens: [tokenOf(key, { offset: at + 3000 })] });
    expect(candidates.map(({ secret }) => Buffer.from(secret.reveal()).toString())).toEqual([text]);
  });

  const named: [what: string, key: string, written: (key: string) => string][] = [
    ['an environment', short, (key) => `JWT_SECRET=${key}\0PATH=/bin\0`],
    ['with blanks', 'my long words', (key) => `APP_SECRET_KEY=${key}\0`],
    ['JSON', short, (key) => `{"secret":"${key}","c":1}`],
    ['escaped JSON', short, (key) => `{\\"clientSecret\\": \\"${key}\\"}`],
    ['YAML', short, (key) => `jwt_secret: ${key}\nnext: 1\n`],
    ['JavaScript', 'a b', (key) => `{ secretOrKey: '${key}', issuer: 'x' }`],
    ['Ruby', short, (key) => `"secret" => "${key}"`],
  ];
  test.each(named)('far from their token, in a variable named secret: %s', (_, text, written) => {
    const key = Buffer.from(text);
    const { memory, at } = dump(Buffer.from(written(text)));
    const { candidates } = searchBytes(memory, { tokens: [tokenOf(key)] });
    expect(candidates.map(({ offset, secret }) => [offset, Buffer.from(secret.reveal()).toString()])).toEqual(
      [[at + written(text).indexOf(text), text]],
    );
  });

  test.each([
    ['CPython', (length: number) => Buffer.concat([number(length), Buffer.alloc(8, 0xff)])],
    ['PHP', (length: number) => number(length)],
    ['V8 and JVM', (length: number) => Buffer.concat([number(0x1234_5678, 4), number(length, 4)])],
  ])('random octets of any length after that length: %s', (_, header) => {
    for (const length of [33, 40, 65, 100, 128, 129, 200]) {
      const key = Buffer.concat([random.bytes(length - 1), Buffer.of(7)]);
      const memory = new Memory();
      memory.filler(1024);
      memory.noise(random, 9, 8);
      memory.chunk(Buffer.concat([header(length), key]));
      memory.noise(random, 9, 8);
      const { candidates } = searchBytes(Buffer.concat([memory.bytes(), Buffer.alloc(40_000)]), {
        tokens: [tokenOf(key, { offset: memory.bytes().length + 30_000 })],
      });
      expect([length, candidates.map(({ length }) => length)]).toEqual([length, [length]]);
    }
  });

  test.each([
    [256, 0x36],
    [256, 0x5c],
    [384, 0x36],
    [512, 0x5c],
  ])('one padded key of random octets that fill the block, HS%i', (bits, byte) => {
    const key = random.bytes(bits === 256 ? 64 : 128);
    const memory = new Memory();
    memory.filler(1024);
    memory.chunk(Buffer.from(key.map((value) => value ^ byte)));
    memory.noise(random, 9, 8);
    const { candidates } = searchBytes(memory.bytes(), { tokens: [tokenOf(key, { bits })] });
    expect(candidates.map(({ length }) => length)).toEqual([key.length]);
  });

  test('an empty secret and one of zeros are not reported', () => {
    const pads = [0x36, 0x5c, 0x36].map((byte) => Buffer.alloc(64, byte));
    const { memory, at } = dump(Buffer.concat([Buffer.from('secret=""\0secret=\0'), ...pads]));
    memory.set(Buffer.concat(pads), memory.length - 1024 - (memory.length % 8));
    const tokens = [tokenOf(Buffer.alloc(0), { offset: at }), tokenOf(Buffer.alloc(32), { offset: at })];
    expect(searchBytes(memory, { tokens }).candidates).toEqual([]);
  });
});

test('values of names beyond the limit are reported as skipped', () => {
  const key = Buffer.from('hush');
  const names = Array.from({ length: 70_000 }, (_, i) => `secret=${i.toString(36)}\n`).join('');
  const { memory } = dump(Buffer.from(`${names}secret=hush\n`));
  const { candidates, limits } = searchBytes(memory, { tokens: [tokenOf(key)] });
  expect(candidates).toEqual([]);
  expect(limits.map(({ search }) => search)).toContain('hmac-texts');
});
