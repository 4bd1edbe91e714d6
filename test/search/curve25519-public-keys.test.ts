import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { WEI25519 } from '../../src/asn1/domain.js';
import { Kernel } from '../../src/search/core/kernel.js';
import { curve25519PublicKeys, toBytes32 } from '../../src/search/curves/curve25519-public-keys.js';
import { KernelCurve } from '../../src/search/curves/kernel-curve.js';

const kernel = new Kernel();
const ways = {
  OpenSSL: undefined,
  'numbers one by one': new KernelCurve(kernel, WEI25519, false),
  'as this machine does': new KernelCurve(kernel, WEI25519),
};

function clamp(scalar: Buffer): Buffer {
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return scalar;
}

const curveOf = (i: number) => (i % 3 === 1 ? ('X25519' as const) : ('Ed25519' as const));

function halves(scalars: readonly Buffer[], curve: KernelCurve | undefined): (string | undefined)[] {
  const halfOf = curve25519PublicKeys({ bytes: Buffer.concat(scalars), curveOf }, curve);
  return scalars.map((_, i) => halfOf(i)?.toString('hex'));
}

describe.each(Object.entries(ways))('%s', (_name, curve) => {
  test.each([1, 2, 3, 61, 2048])('gives %i public halves as OpenSSL does', (count) => {
    const random = new SeededRandom(`halves ${count}`);
    const scalars = Array.from({ length: count }, () => clamp(random.bytes(32)));
    expect(halves(scalars, curve)).toEqual(halves(scalars, undefined));
  });
});

test('scalars that no key has are the same with pairs and without', () => {
  const { n } = WEI25519;
  const scalars = [0n, 1n, n, n - 1n, n + 1n, 8n * n, 2n ** 256n - 1n, 2n ** 255n].map(toBytes32);
  const [one, pairs] = [ways['numbers one by one'], ways['as this machine does']];
  const expected = halves(scalars, one);
  expect(halves(scalars, pairs)).toEqual(expected);
  expect(expected[0]).toBeUndefined();
  // y = 4/5 (RFC 8032, 5.1).
  expect(halves([toBytes32(1n)], pairs)).toEqual([`58${'66'.repeat(31)}`]);
  expect(halves([toBytes32(0n), toBytes32(1n)], pairs)[1]).toBe(toBytes32(9n).toString('hex'));
});
