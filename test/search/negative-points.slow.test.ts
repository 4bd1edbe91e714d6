import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { curveByName } from '../../src/core/asn1/curves.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { canonicalSpki, spkiEc } from '../../src/core/asn1/spki.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { heapOf, LAYOUTS } from './memory.js';
import { ecFrom } from './seeded.js';

const CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', secp256k1: 'secp256k1' } as const;
const words = LAYOUTS['limbs-le']!;

describe.each(Object.keys(CURVES) as (keyof typeof CURVES)[])('a point of %s and its negative', (name) => {
  const { p, size } = DOMAINS.find((domain) => domain.name === name)!;
  const { key, d, x, y } = ecFrom('negative', name, CURVES[name], size);
  const negative = Buffer.from(
    (p - BigInt(`0x${y.toString('hex')}`)).toString(16).padStart(2 * size, '0'),
    'hex',
  );
  const uncompressed = (other: Buffer) => Buffer.concat([Buffer.of(4), x, other]);
  const compressed = (other: Buffer) =>
    Buffer.concat([Buffer.of(1, 2, 0x80, 3, 4, 5, 0, 2 + (other.at(-1)! & 1)), x]);
  const spki = (other: Buffer) => Buffer.from(spkiEc(curveByName(name)!, uncompressed(other)));
  const [one, two] = [spkiOf(key), canonicalSpki(spki(negative))!];
  const other = Buffer.from(two).toString('base64');
  const found = (chunks: readonly Buffer[], publicKeys: { spki: Uint8Array }[] = []) =>
    describeAll(searchBytes(heapOf('negative', [words(d), ...chunks], 3), { publicKeys })).map(
      (each) => each.spki,
    );
  const bare = [words(x), words(y), words(negative)];

  test('are two keys, as bare numbers', () => {
    expect(found(bare).sort()).toEqual([one, other].sort());
    expect(found(bare.toReversed()).sort()).toEqual([one, other].sort());
  });

  test.each(['d', 'n - d'])('the one of %s is the key that is written', (scalar) => {
    const [half, expected] = scalar === 'd' ? [y, one] : [negative, other];
    const der =
      scalar === 'd' ? createPublicKey(key).export({ format: 'der', type: 'spki' }) : spki(negative);
    expect(found([...bare, uncompressed(half)])).toEqual([expected]);
    expect(found([...bare, compressed(half)])).toEqual([expected]);
    expect(found(bare, [{ spki: der }])).toEqual([expected]);
    // Its bare y need not be in the dump.
    expect(found([words(x), words(y), compressed(half)])).toEqual([expected]);
    expect(found([words(x), words(negative), uncompressed(half)])).toEqual([expected]);
  });

  test('are two keys if both are written', () => {
    expect(found([uncompressed(y), uncompressed(negative)]).sort()).toEqual([one, other].sort());
  });
});
