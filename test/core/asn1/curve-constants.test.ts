import { createECDH } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { CONSTANT_DOMAINS, isCurveConstant, isHexConstant } from '../../../src/core/asn1/curve-constants.js';
import { curveByName } from '../../../src/core/asn1/curves.js';

/** Coordinates of k G by OpenSSL. */
function coordinates(name: string, size: number, k: bigint): bigint[] {
  const ecdh = createECDH(curveByName(name)!.openssl);
  ecdh.setPrivateKey(Buffer.from(k.toString(16).padStart(2 * size, '0'), 'hex'));
  const point = ecdh.getPublicKey('hex').slice(2);
  return [point.slice(0, 2 * size), point.slice(2 * size)].map((digits) => BigInt(`0x${digits}`));
}

describe.each(CONSTANT_DOMAINS.filter(({ size }) => size <= 48))('constants of $name', (domain) => {
  const { name, size, p, n, x, y } = domain;

  test('are its parameters', () => {
    for (const constant of [p, n, x, y]) expect(isCurveConstant(constant)).toBe(true);
  });

  const last = 2n ** BigInt(8 * size - 4);
  test.each([1n, 2n, 3n, 5n, 127n, 253n, 255n, 2n ** 8n, 2n ** 100n, last])(
    'are the coordinates of %s G',
    (k) => {
      expect(coordinates(name, size, k).map(isCurveConstant)).toEqual([true, true]);
    },
  );

  test('are its points in both forms of SEC 1', () => {
    for (const [k, isConstant] of [
      [1n, true],
      [7n, true],
      [257n, false],
    ] as const) {
      const [first, second] = coordinates(name, size, k).map((each) =>
        each.toString(16).padStart(2 * size, '0'),
      );
      for (const form of ['04', '06', '07'])
        expect(isHexConstant(`${form}${first}${second}`)).toBe(isConstant);
      for (const form of ['02', '03']) expect(isHexConstant(form + first)).toBe(isConstant);
      expect(isHexConstant(`05${first}${second}`)).toBe(false);
    }
  });

  test('are no other multiples, and no random numbers', () => {
    const random = new SeededRandom(`constants of ${name}`);
    const scalar = BigInt(`0x${random.bytes(size - 1).toString('hex')}`);
    for (const k of [257n, 2n ** 100n + 1n, scalar])
      expect(coordinates(name, size, k).map(isCurveConstant)).toEqual([false, false]);
    for (const k of [6n, scalar]) expect(isCurveConstant(k)).toBe(false);
  });
});
