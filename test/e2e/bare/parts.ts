import { createHash, type KeyObject } from 'node:crypto';

/**
 * The private numbers of a key, from node:crypto's JWK or SEC 1's structure and plain arithmetic: the targets
 * of the byte search. This folder uses nothing from src: two independent implementations of the
 * specifications are compared.
 */
export interface Part {
  name: string;
  /** An integer, big-endian, or a plain string of octets. */
  bytes: Buffer;
  /** Octets with a defined order, which no library reverses. */
  octets: boolean;
  /** This part alone, with the public key, is sufficient for signing. */
  enough: boolean;
}

const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');
}

/** Orders of the groups (SEC 2; FIPS 186-5), by OpenSSL's names. */
const ORDERS: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp384r1:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function integer(name: string, bytes: Buffer, enough = true): Part {
  return { name, bytes, octets: false, enough };
}

function rsaParts(jwk: Record<string, string>): Part[] {
  const read = (member: string) => Buffer.from(jwk[member]!, 'base64url');
  const primes = ['p', 'q'].map((name) => ({ name, bytes: read(name) }));
  const derived = primes.flatMap(({ name, bytes }) => {
    const value = toNumber(bytes);
    // R = 2^(64 w): Montgomery's constant for w words of 64 bits.
    const r = 1n << BigInt(bytes.length * 8);
    return [
      integer(`R^2 mod ${name}`, toBytes((r * r) % value, bytes.length)),
      integer(`R mod ${name}`, toBytes(r % value, bytes.length)),
    ];
  });
  return [
    ...['d', 'p', 'q', 'dp', 'dq'].map((name) => integer(name, read(name))),
    // Recovering d from it requires a quadratic equation modulo n.
    integer('qinv', read('qi'), false),
    ...derived,
  ];
}

/**
 * The OCTET STRING after the version of an ECPrivateKey (RFC 5915, section 3): JWK has no name for most
 * curves.
 */
function scalarOf(key: KeyObject): Buffer {
  const der = key.export({ type: 'sec1', format: 'der' });
  const at = der.indexOf(Buffer.of(2, 1, 1, 4)) + 4;
  return der.subarray(at + 1, at + 1 + der[at]!);
}

function ecParts(key: KeyObject): Part[] {
  const d = scalarOf(key);
  const order = ORDERS[key.asymmetricKeyDetails!.namedCurve!];
  if (order === undefined) return [integer('d', d)];
  const montgomery = (toNumber(d) << BigInt(d.length * 8)) % order;
  return [integer('d', d), integer('d*R mod n', toBytes(montgomery, d.length))];
}

/** RFC 8032, 5.1.5: a seed's scalar is a little-endian integer. */
function ed25519Parts(jwk: Record<string, string>): Part[] {
  const seed = Buffer.from(jwk.d!, 'base64url');
  const hash = createHash('sha512').update(seed).digest();
  const scalar = Buffer.from(hash.subarray(0, 32));
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  const value = scalar.reverse();
  return [
    { name: 'seed', bytes: seed, octets: true, enough: true },
    integer('scalar', value),
    integer('scalar mod L', toBytes(toNumber(value) % ED25519_ORDER, 32)),
    { name: 'prefix', bytes: hash.subarray(32), octets: true, enough: false },
  ];
}

export function partsOf(key: KeyObject): Part[] {
  if (key.asymmetricKeyType === 'ec') return ecParts(key);
  const jwk = key.export({ format: 'jwk' }) as Record<string, string>;
  return jwk.kty === 'RSA' ? rsaParts(jwk) : ed25519Parts(jwk);
}
