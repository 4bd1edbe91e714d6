import { createECDH, ECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { CURVES, curveByName } from '../../../src/core/asn1/curves.js';
import { writeEcPrivateKey, writePrivateKeyInfo } from '../../../src/core/asn1/pkcs8.js';
import { readPrivateKey } from '../../../src/core/asn1/private-key.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { prove } from '../../../src/prove/prove.js';

const der = (key: KeyObject): Buffer => key.export({ type: 'pkcs8', format: 'der' });
const explicitKey = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve, paramEncoding: 'explicit' });

test('every curve of OpenSSL is recognised by explicit parameters', () => {
  for (const { name, openssl } of CURVES) {
    if (openssl === 'SM2') continue;
    const key = readPrivateKey(der(explicitKey(openssl).privateKey), 0);
    expect(key?.material).toMatchObject({ type: 'ec', curve: name });
  }
});

test('p, a, b, the generator and its order must all match a named curve', () => {
  const bytes = der(explicitKey('P-256').privateKey);
  const parts = {
    p: 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
    a: 'ffffffff00000001000000000000000000000000fffffffffffffffffffffffc',
    b: '5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b',
    x: '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
    n: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  };
  for (const part of Object.values(parts)) {
    const changed = Buffer.from(bytes);
    const at = changed.indexOf(Buffer.from(part, 'hex'));
    expect(at).toBeGreaterThan(0);
    changed[at + 20] = changed[at + 20]! ^ 1;
    expect(readPrivateKey(changed, 0)).toBeUndefined();
  }
});

/** Scalar and point of a new key, the point in this form. */
function fresh(form: 'compressed' | 'hybrid'): { d: Secret; point: Buffer } {
  const curve = curveByName('P-256')!;
  const ecdh = createECDH(curve.openssl);
  ecdh.generateKeys();
  const point = ECDH.convertKey(ecdh.getPublicKey(), curve.openssl, undefined, undefined, form) as Buffer;
  return { d: new Secret(ecdh.getPrivateKey()), point };
}

test.each(['compressed', 'hybrid'] as const)('a %s point is compared with the scalar', (form) => {
  const [{ d, point }, other] = [fresh(form), fresh(form)];
  for (const write of [writePrivateKeyInfo, writeEcPrivateKey]) {
    for (const [beside, status] of [
      [point, 'proven'],
      [other.point, 'contradicted'],
    ] as const) {
      const read = readPrivateKey(write({ type: 'ec', curve: 'P-256', d, point: beside }), 0);
      expect(read?.material && prove(read.material).status).toBe(status);
    }
  }
});
