import type { KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { parts } from '../../test/search/harness.js';
import { Memory } from '../../test/search/memory.js';
import { ecFrom, rsaFrom } from '../../test/search/seeded.js';

/** Bytes of a dump. */
const SIZE = 5 << 10;
/** RSA keys in use: making one takes longer than a scan of a dump. */
const RSA_KEYS = 16;
const rsaKeys = new Map<number, KeyObject>();

const le = (value: Buffer): Buffer => Buffer.from(value).reverse();

function rsa(index: number): KeyObject {
  const number = index % RSA_KEYS;
  const key = rsaKeys.get(number) ?? rsaFrom(`many ${number}`, 2048);
  rsaKeys.set(number, key);
  return key;
}

/** How a dump holds the key of its index: chunks of its heap. */
const HELD: Readonly<Record<string, (index: number) => Buffer[]>> = {
  'Ed25519 as PEM': (index) => [Buffer.from(pkcs8Pem(ed25519Key(new SeededRandom(`many ${index}`))))],
  'P-256 in bare numbers'(index) {
    const { d, x, y } = ecFrom(`many ${index}`, 'P-256', 'prime256v1', 32);
    return [d, x, y].map(le);
  },
  'RSA-2048 as PEM': (index) => [Buffer.from(pkcs8Pem(rsa(index)))],
  'RSA-2048 in bare numbers'(index) {
    const { p, q, n } = parts(rsa(index));
    return [p, q, n].map((value) => le(value!));
  },
};

function dump(held: readonly Buffer[], seed: string): Buffer {
  const memory = new Memory();
  memory.noise(new SeededRandom(seed), 10, 4);
  memory.filler(1024);
  for (const chunk of held) memory.chunk(chunk);
  memory.filler(SIZE - memory.length - 64);
  return memory.bytes();
}

/**
 * Writes this many dumps, 1,000 to a folder, which hold keys by turns in each way whose name contains `key`.
 * Throws a RangeError if there is no such way.
 */
export function writeDumps(folder: string, count: number, key: string): void {
  const ways = Object.entries(HELD).filter(([name]) => name.includes(key));
  if (ways.length === 0) throw new RangeError(`--key ${key}: ${Object.keys(HELD).join(', ')}`);
  for (let index = 0; index < count; index++) {
    const below = join(folder, String(Math.floor(index / 1000)).padStart(2, '0'));
    if (index % 1000 === 0) mkdirSync(below, { recursive: true });
    const [name, held] = ways[index % ways.length]!;
    const bytes = dump(held(Math.floor(index / ways.length)), `many ${name} ${index}`);
    writeFileSync(join(below, `${String(index).padStart(5, '0')}.raw`), bytes);
  }
}
