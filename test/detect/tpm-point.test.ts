import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readTpmPoint } from '../../src/detect/binary/spki.js';
import { detect, planted, records } from './harness.js';

/** Bytes of a coordinate's buffer in libtpms. */
const ROOM = 80;

const CURVES = [
  ['P-256', 3, 32],
  ['P-384', 4, 48],
  ['P-521', 5, 66],
] as const;

const uint16 = (value: number) => Buffer.of(value & 0xff, value >> 8);

function coordinate(octets: Buffer, room: number): Buffer {
  return Buffer.concat([uint16(octets.length), octets, Buffer.alloc(room - octets.length)]);
}

/** The end of TPMS_ECC_PARMS and TPMS_ECC_POINT. */
function structure(key: KeyObject, id: number, room = ROOM): Buffer {
  const { x = '', y = '' }: JsonWebKey = key.export({ format: 'jwk' });
  return Buffer.concat([
    ...[uint16(id), uint16(0x10), Buffer.alloc(4)],
    ...[x, y].map((each) => coordinate(Buffer.from(each, 'base64url'), room)),
  ]);
}

describe('TPM points', () => {
  test.each(CURVES)('%s', (namedCurve, id, size) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    for (const [at, room] of [
      [0, ROOM],
      [77, ROOM],
      [6, size],
    ] as const) {
      const found = records(detect(planted(structure(publicKey, id, room), at), ['spki']));
      expect(found.map((one) => [one.offset, one.length, Buffer.from(one.spki).equals(spki)])).toEqual([
        [at, 8 + 2 + room + 2 + size, true],
      ]);
    }
  });

  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const whole = structure(publicKey, 3);
  const changed = (at: number, value: number) => Buffer.from(whole).fill(value, at, at + 1);
  test.each([
    ['another curve', changed(0, 4)],
    ['an unknown curve', changed(0, 9)],
    ['another size of x', changed(8, 31)],
    ['another size of y', changed(90, 31)],
    ['no point', changed(20, whole[20]! ^ 1)],
    ['zeros', Buffer.concat([whole.subarray(0, 10), Buffer.alloc(400)])],
    ['truncated after x', whole.subarray(0, 42)],
    ['cut in y', whole.subarray(0, 120)],
    ['cut in the parameters', whole.subarray(0, 9)],
  ])('%s is none', (_, bytes) => {
    expect(readTpmPoint(bytes, 0)).toBeUndefined();
  });
});
