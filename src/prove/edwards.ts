import { WEI25519 } from '../core/asn1/domain.js';
import { inverse } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { EdwardsScalarMaterial } from '../core/model/key-material.js';
import { attempt } from './attempt.js';
import { pendingResult, provenResult } from './derived.js';
import { okpIdentity } from './identity.js';
import type { Prover } from './types.js';

/**
 * edwards25519 (RFC 8032, 5.1): -x^2 + y^2 = 1 + d x^2 y^2. node:crypto takes seeds only; a scalar needs
 * this.
 */
const P = 2n ** 255n - 19n;
const D = mod(-121_665n * inverse(121_666n, P)!);
const BASE = point(
  15_112_221_349_535_400_772_501_151_409_588_531_511_454_012_693_041_857_206_046_113_283_949_847_762_202n,
  mod(4n * inverse(5n, P)!),
);
const SIZE = 32;

/** Extended coordinates (RFC 8032, 5.1.4): x = X/Z, y = Y/Z, T = XY/Z. */
interface Point {
  x: bigint;
  y: bigint;
  z: bigint;
  t: bigint;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function point(x: bigint, y: bigint): Point {
  return { x, y, z: 1n, t: mod(x * y) };
}

/** Complete addition (RFC 8032, 5.1.4). */
function add(p: Point, q: Point): Point {
  const a = mod((p.y - p.x) * (q.y - q.x));
  const b = mod((p.y + p.x) * (q.y + q.x));
  const c = mod(2n * D * mod(p.t * q.t));
  const d = mod(2n * p.z * q.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

/** Encoded public key of a scalar (RFC 8032, 5.1.2). Takes 3 ms. */
function multiplyBase(scalar: bigint): Buffer {
  let sum = point(0n, 1n);
  let power = BASE;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = add(sum, power);
    power = add(power, power);
  }
  const reciprocal = inverse(sum.z, P)!;
  const bytes = Buffer.from(
    mod(sum.y * reciprocal)
      .toString(16)
      .padStart(SIZE * 2, '0'),
    'hex',
  ).reverse();
  if (mod(sum.x * reciprocal) & 1n) bytes[SIZE - 1]! |= 0x80;
  return bytes;
}

/** Expanded Ed25519 keys: the public key of the scalar is the one found with it. */
export const proveEdwardsScalar: Prover<'edwards-scalar'> = (material, budget) =>
  attempt(budget, (proof) => {
    const { curve, public: given } = material;
    proof.facts = given ? okpIdentity(curve, given).facts : { algorithm: curve, curve };
    const scalar = scalarOf(material);
    proof.require(scalar !== undefined, `a scalar of ${curve} has ${SIZE} bytes and is below 2^255`);
    proof.require(!given || given.length === SIZE, `a public key of ${curve} has ${SIZE} bytes`);
    // Small scalars are placeholders or library constants.
    if (scalar! % WEI25519.n < 2n ** 64n) return proof.placeholder('the scalar is a placeholder');
    proof.begin();
    const derived = multiplyBase(scalar! % WEI25519.n);
    proof.charge(3);
    const identity = okpIdentity(curve, derived);
    const components = [
      { name: 'scalar', value: new Secret(Buffer.from(material.scalar.reveal()).reverse()) },
    ];
    if (!given) return pendingResult(identity, components, 'the scalar gives the public key');
    proof.require(derived.equals(given), 'the scalar has another public key');
    return provenResult(identity, components, 'the public key of the scalar matches');
  });

function scalarOf({ scalar }: EdwardsScalarMaterial): bigint | undefined {
  const bytes = Buffer.from(scalar.reveal()).reverse();
  return bytes.length === SIZE && bytes[0]! < 0x80 ? BigInt(`0x${bytes.toString('hex')}`) : undefined;
}
