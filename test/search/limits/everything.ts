import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { searchBytes } from '../harness.js';
import { Memory } from '../memory.js';
import { ecFrom } from '../seeded.js';
import { derOf, digits, little, odd, okp, P256, RSA, random, text, toNumber } from './numbers.js';

const SECP256K1 = ecFrom('limits', 'secp256k1', 'secp256k1', 32);
const P224 = ecFrom('limits', 'P-224', 'secp224r1', 28);

const jwt = (algorithm: string, sub: string) =>
  [{ alg: algorithm, typ: 'JWT' }, { sub }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');

/** Numbers of every size, points, keys and tokens. */
export function everything(): { bytes: Buffer; context: Parameters<typeof searchBytes>[1] } {
  const memory = new Memory();
  memory.filler(4096);
  for (let i = 0; i < 6; i++) {
    for (const octets of [64, 128, 256]) memory.chunk(little(odd(octets)));
    memory.chunk(digits(toNumber(odd(256))));
    memory.chunk(text(random.bytes(128).toString('base64url')));
    memory.chunk(little(odd(85)));
    for (const octets of [28, 32, 48, 56, 57, 32]) memory.chunk(random.bytes(octets));
  }
  // A part of a prime, and a number with a gap.
  memory.chunk(random.bytes(14 * 8));
  const { x, y } = SECP256K1;
  memory.chunk(Buffer.concat([Buffer.of(0, 0, 0, 4), x, y]));
  memory.chunk(Buffer.concat([random.bytes(32), P256.x, P256.y, random.bytes(32)]));
  memory.chunk(little(P256.x));
  memory.chunk(little(P256.y));
  for (let i = 0; i < 20; i++) memory.chunk(text(`02${random.bytes(32).toString('hex')}`));
  memory.filler(4096);
  const publicKeys = [
    { spki: derOf(RSA.asked), isTarget: true },
    ...[RSA.written, P256.key, P224.key].map((key) => ({ spki: derOf(key) })),
    ...(['ed25519', 'ed448', 'x448'] as const).map((type) => ({
      spki: okp(type).export({ format: 'der', type: 'spki' }),
    })),
  ];
  const signed = Buffer.from(jwt('HS256', 'limits'));
  const mac = createHmac('sha256', 'a secret that is nowhere').update(signed).digest();
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const message = Buffer.from(jwt('ES256', 'limits'));
  const signature = sign('sha256', message, { key: other, dsaEncoding: 'ieee-p1363' });
  const token = { offset: 0, hash: 'sha256' };
  return {
    bytes: memory.bytes(),
    context: {
      publicKeys,
      tokens: [{ ...token, signed, signature: mac }],
      curveTokens: [{ ...token, curve: 'prime256v1', signed: message, signature }],
    },
  };
}
