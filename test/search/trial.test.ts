import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { WordTable } from '../../src/search/core/word-table.js';
import { INTERPRETATIONS } from '../../src/search/curves/edwards/curve25519-interpretations.js';
import { BlockMultiples, type Multiplication } from '../../src/search/curves/scalars/block-multiples.js';
import { ScalarTrial } from '../../src/search/curves/scalars/trial.js';
import { LAYOUTS } from './memory.js';

const OPENSSL: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};
const COUNT = 40;
const CHOSEN = [0, 7, COUNT - 1];
const multiples = new BlockMultiples(NumberKernel.take());

/** The first eight of these little-endian bytes. */
function tableOf(words: readonly Buffer[]): WordTable {
  const table = WordTable.forWords(words.length);
  for (const word of words) table.add(word.readUInt32LE(0), word.readUInt32LE(4));
  return table;
}

const random = new SeededRandom('trial');

/** Little-endian x of d * G, by OpenSSL. */
function xOf(name: string, d: Buffer): Buffer {
  const ecdh = createECDH(OPENSSL[name] ?? name);
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  return point.subarray(1, (point.length + 1) / 2).reverse();
}

const MONTGOMERY = (name: string) => (d: Buffer) => {
  const { n } = DOMAINS.find((domain) => domain.name === name)!;
  const stored = (BigInt(`0x${d.toString('hex')}`) << BigInt(8 * d.length)) % n;
  return Buffer.from(stored.toString(16).padStart(2 * d.length, '0'), 'hex').reverse();
};

describe.each(DOMAINS.filter(({ size }) => size % 8 === 0).map(({ name, size }) => ({ name, size })))(
  'on $name',
  ({ name, size }) => {
    test.each(['limbs-le', 'bytes-be', 'int32-msw', 'mont-le'] as const)('numbers as %s match', (reading) => {
      const scalars = Array.from({ length: COUNT }, () =>
        Buffer.concat([Buffer.alloc(1), random.bytes(size - 1)]),
      );
      const store = reading === 'mont-le' ? MONTGOMERY(name) : LAYOUTS[reading]!;
      const numbers = Buffer.concat(scalars.map((each) => store(each)));
      const points = new Map([[name, tableOf(CHOSEN.map((i) => xOf(name, scalars[i]!))).columns]]);
      const attempt: Multiplication = { curve: name, stored: 'memory', reading };
      const trial = new ScalarTrial(() => multiples, { id: 1, points });
      expect([...trial.matches({ attempt, size, numbers })]).toEqual(CHOSEN);
      const { indices, values } = multiples.columns({ attempt, size, numbers });
      expect([...indices]).toEqual(scalars.map((_, i) => i));
      expect(Buffer.from(values)).toEqual(Buffer.concat(scalars.map((each) => xOf(name, each))));
      // Nothing is known of another curve.
      expect([...trial.matches({ attempt: { ...attempt, curve: 'none' }, size, numbers })]).toEqual([]);
    });
  },
);

describe('on Curve25519', () => {
  const seeds = Array.from({ length: COUNT }, () => random.bytes(32));
  const PREFIX = { ed25519: '302e020100300506032b657004220420', x25519: '302e020100300506032b656e04220420' };
  const publicKeyOf = (curve: keyof typeof PREFIX, seed: Buffer): Buffer => {
    const der = Buffer.concat([Buffer.from(PREFIX[curve], 'hex'), seed]);
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    return key.export({ format: 'der', type: 'spki' }).subarray(-32);
  };
  const attempt: Multiplication = { curve: 'Curve25519', inDigits: false };
  const numbers = Buffer.concat(seeds);

  test.each(['ed25519', 'x25519'] as const)('numbers match as seeds of %s', (curve) => {
    const keys = tableOf(CHOSEN.map((i) => publicKeyOf(curve, seeds[i]!)));
    const trial = new ScalarTrial(() => multiples, { id: 1, points: new Map(), keys: keys.columns });
    expect([...trial.matches({ attempt, size: 32, numbers })]).toEqual(CHOSEN);
    expect([...trial.matches({ attempt: { ...attempt, inDigits: true }, size: 32, numbers })]).toEqual([]);
    const { indices, interpretations, values } = multiples.columns({ attempt, size: 32, numbers });
    const first = [...indices].filter(
      (_, k) => INTERPRETATIONS[interpretations[k]!]!.curve.toLowerCase() === curve,
    );
    const own = (i: number) =>
      [...indices.keys()]
        .filter((k) => indices[k] === i)
        .map((k) => [...values.subarray(k * 32, k * 32 + 31)]);
    for (const [i, seed] of seeds.entries())
      expect(own(i)).toContainEqual([...publicKeyOf(curve, seed).subarray(0, 31)]);
    expect(new Set(first).size).toBe(COUNT);
  });

  test('numbers match what was swept beside them', () => {
    const trial = new ScalarTrial(() => multiples, { id: 1, points: new Map(), keys: tableOf([]).columns });
    const beside = tableOf(CHOSEN.map((i) => publicKeyOf('ed25519', seeds[i]!)));
    expect([...trial.matches({ attempt, size: 32, numbers })]).toEqual([]);
    expect([...trial.matches({ attempt, size: 32, numbers }, beside)]).toEqual(CHOSEN);
  });
});
