import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';
import { BuiltProcess } from '../built-core.js';

function filledCopy(bytes: Uint8Array) {
  return withTempDir(async (folder) => {
    const [input, output] = [join(folder, 'dump'), join(folder, 'copy')];
    writeFileSync(input, bytes);
    const result = await redact({ input, output, keep: 'all', jobs: 1 });
    return { copy: readFileSync(output), result };
  });
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const jwk = privateKey.export({ format: 'jwk' });
const NAMES = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;
const value = (name: (typeof NAMES)[number] | 'n'): Buffer => Buffer.from(jwk[name]!, 'base64url');
const reversed = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse();
/** Digits of 30 bits, as CPython has them. */
const digits = (bytes: Buffer): Buffer => {
  const number = BigInt(`0x${bytes.toString('hex')}`);
  return Buffer.concat(
    Array.from({ length: Math.ceil((bytes.length * 8) / 30) }, (_, index) => {
      const digit = Buffer.alloc(4);
      digit.writeUInt32LE(Number(BigInt.asUintN(30, number >> BigInt(30 * index))));
      return digit;
    }),
  );
};

const halves = (bytes: Buffer): [Buffer, Buffer] => [bytes.subarray(0, 32), bytes.subarray(32)];

/** A search of its own: all 8 bytes of every component in four forms, 24 and 16 characters of text. */
function leftOf(copy: Buffer): string[] {
  const left: string[] = [];
  const look = (bytes: Buffer, size: number, what: string): void => {
    for (let at = 0; at + size <= bytes.length; at++) {
      const part = bytes.subarray(at, at + size);
      if (new Set(part).size >= 5 && copy.includes(part)) left.push(`${what} ${at}`);
    }
  };
  for (const name of NAMES) {
    const bytes = value(name);
    look(bytes, 8, `${name} bytes`);
    look(reversed(bytes), 8, `${name} limbs`);
    look(digits(bytes), 12, `${name} digits`);
    const hex = Buffer.from(bytes.toString('hex'));
    look(hex, 24, `${name} hex`);
    look(Buffer.from(hex.toString('latin1'), 'utf16le'), 48, `${name} wide hex`);
    for (let phase = 0; phase < 3; phase++)
      look(Buffer.from(bytes.subarray(phase).toString('base64').slice(0, -4)), 16, `${name} base64`);
  }
  return left;
}

describe('a filled copy', () => {
  const random = new SeededRandom('parts');
  const gap = (): Buffer => Buffer.from(random.bytes(20 + (random.bytes(1)[0]! % 8)));
  const token = githubToken(random);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const parts = [
    Buffer.from(pem),
    value('p').subarray(3, 12),
    reversed(value('q')).subarray(20, 31),
    digits(value('dp')).subarray(8, 28),
    Buffer.from(value('d').toString('hex').slice(11, 41)),
    Buffer.from(value('dq').toString('hex').slice(5, 33), 'utf16le'),
    Buffer.from(value('d').subarray(1).toString('base64').slice(9, 28)),
    value('n'),
    gzipSync(`some text\n${pem}`),
    deflateSync(`the token is ${token}, which nothing else has`),
    Buffer.from(gzipSync(`${token} once more`).toString('base64')),
  ];
  const memory = Buffer.concat(parts.flatMap((part) => [gap(), part]));

  test('has no 64 bits of a key, no token and no compressed stream that holds one', async () => {
    expect(leftOf(memory).length).toBeGreaterThan(100);
    const { copy, result } = await filledCopy(memory);
    expect(leftOf(copy)).toEqual([]);
    expect(copy.includes(value('n'))).toBe(true);
    for (const part of parts.slice(8)) expect(copy.includes(part.subarray(0, 40))).toBe(false);
    const causes = Object.fromEntries(result.causes.map(({ cause, places }) => [cause, places]));
    expect(causes['compressed stream']).toBe(3);
    expect(causes.component).toBeGreaterThanOrEqual(5);
  });

  test('of a core has its structure filled', async () => {
    const process = new BuiltProcess('filled copy');
    process.data.set(Buffer.from(token), 1024);
    process.data.fill(0, 1024 + token.length, 1200);
    const core = process.core();
    const { copy, result } = await filledCopy(core.bytes);
    expect(copy.includes(token)).toBe(false);
    expect(copy).toHaveLength(core.bytes.length);
    expect(result.causes.map(({ cause }) => cause)).toContain('notes and registers');
  });

  test('has no prefix of an Ed25519 key whose seed is nowhere', async () => {
    const pair = generateKeyPairSync('ed25519');
    const seed = pair.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
    const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
    const [scalar, prefix] = halves(createHash('sha512').update(seed).digest());
    scalar[0] = scalar[0]! & 0xf8;
    scalar[31] = (scalar[31]! & 0x7f) | 0x40;
    const stray = prefix.subarray(5, 21);
    const gap = Buffer.alloc(68);
    const publicKey = spki.subarray(-32);
    const dump = [spki, gap, scalar, prefix, publicKey, gap, stray, gap];
    const { copy } = await filledCopy(Buffer.concat(dump));
    for (let at = 0; at + 8 <= prefix.length; at++)
      expect(copy.includes(prefix.subarray(at, at + 8))).toBe(false);
    expect(copy.includes(scalar.subarray(0, 8))).toBe(false);
    // The public key stays, though it follows a scalar too.
    expect(copy.includes(publicKey, spki.length)).toBe(true);
  });
});
