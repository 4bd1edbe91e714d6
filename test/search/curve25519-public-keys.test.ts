import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { WEI25519 } from '../../src/core/asn1/domain.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { curve25519PublicKeys } from '../../src/search/curves/edwards/curve25519-public-keys.js';
import { toLittleEndian } from '../../src/search/curves/numbers/octets.js';
import { KernelCurve } from '../../src/search/curves/points/kernel-curve.js';

const kernel = new NumberKernel();
const ways = {
  OpenSSL: undefined,
  'single numbers': new KernelCurve(kernel, WEI25519, false),
  'as on this machine': new KernelCurve(kernel, WEI25519),
};

function clamp(scalar: Buffer): Buffer {
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return scalar;
}

const toBytes32 = (value: bigint) => toLittleEndian(value, 32);

const curveOf = (i: number) => (i % 3 === 1 ? ('X25519' as const) : ('Ed25519' as const));

function publicKeys(scalars: readonly Buffer[], curve: KernelCurve | undefined): (string | undefined)[] {
  const keyOf = curve25519PublicKeys({ bytes: Buffer.concat(scalars), curveOf }, curve);
  return scalars.map((_, i) => keyOf(i)?.toString('hex'));
}

describe.each(Object.entries(ways))('%s', (_name, curve) => {
  test.each([1, 2, 3, 61, 2048])('%i public keys are those of OpenSSL', (count) => {
    const random = new SeededRandom(`halves ${count}`);
    const scalars = Array.from({ length: count }, () => clamp(random.bytes(32)));
    expect(publicKeys(scalars, curve)).toEqual(publicKeys(scalars, undefined));
  });
});

test('scalars outside the range of keys: the same with pairs and without', () => {
  const { n } = WEI25519;
  const scalars = [0n, 1n, n, n - 1n, n + 1n, 8n * n, 2n ** 256n - 1n, 2n ** 255n].map(toBytes32);
  const [one, pairs] = [ways['single numbers'], ways['as on this machine']];
  const expected = publicKeys(scalars, one);
  expect(publicKeys(scalars, pairs)).toEqual(expected);
  expect(expected[0]).toBeUndefined();
  // y = 4/5 (RFC 8032, 5.1).
  expect(publicKeys([toBytes32(1n)], pairs)).toEqual([`58${'66'.repeat(31)}`]);
  expect(publicKeys([toBytes32(0n), toBytes32(1n)], pairs)[1]).toBe(toBytes32(9n).toString('hex'));
});
