import { padded, trimmed } from '../base/bytes/integers.js';
import { Secret } from '../base/crypto/secret.js';
import type { EcMaterial } from '../model/key-material.js';
import { CURVES, type Curve, curveByName, curveByScalar } from './curves.js';
import { type Der, explicit, TAG } from './der.js';
import { type EcParameters, readEcParameters } from './ec-parameters.js';
import { isPoint, uncompressed } from './spki.js';
import { bitString, integer, octetString, oid, sequence, tagged } from './write.js';

/** ECPrivateKey (RFC 5915, 3; SEC 1, C.4). */

export interface EcRead {
  material: EcMaterial;
  whole: boolean;
  /** The structure names no curve: the most common one with scalars of this length is assumed. */
  assumedCurve: boolean;
}

/** The OCTET STRING has the length of the order; some writers omit leading zeros or add one. */
function isScalar(d: Uint8Array, curve: Curve): boolean {
  const size = trimmed(d).length;
  return d.length <= curve.scalar + 1 && size <= curve.scalar && size >= Math.max(8, curve.scalar - 4);
}

/**
 * Reads the contents of an ECPrivateKey, from its version on. `outer` is the curve of the PKCS#8 around it.
 * With `strict` it must be whole; otherwise the scalar and something that determines the curve must be there.
 */
export function readEcPrivateKey(der: Der, strict: boolean, outer?: EcParameters): EcRead | undefined {
  if (der.small() !== 1) return undefined;
  const d = der.contents(TAG.octetString);
  if (d === undefined || d.length < 8) return undefined;
  let inner: EcParameters | undefined;
  let point: Uint8Array | undefined;
  if (der.peek() === explicit(0)) {
    inner = readEcParameters(der.enter(explicit(0)));
    // Not a curve of the table.
    if (inner === undefined && strict) return undefined;
  }
  if (der.peek() === explicit(1)) point = der.enter(explicit(1))?.bits();
  const parameters = outer ?? inner;
  const curve = parameters?.curve ?? byPoint(d, point) ?? (strict ? curveByScalar(d.length) : undefined);
  if (curve === undefined || !isScalar(d, curve)) return undefined;
  const whole = der.done && (inner === undefined || outer === undefined || inner.curve === outer.curve);
  if (strict && (!whole || (point !== undefined && !isPoint(point, curve)))) return undefined;
  if (!whole && isTemplateHeader(d)) return undefined;
  const material: EcMaterial = { type: 'ec', curve: curve.name, d: new Secret(trimmed(d)) };
  if (point !== undefined && isPoint(point, curve)) material.point = Uint8Array.from(point);
  if (parameters?.explicit !== undefined) material.explicit = Uint8Array.from(parameters.explicit);
  return { material, whole, assumedCurve: parameters === undefined };
}

/** The curve that the point is on: several have scalars of this length. */
function byPoint(d: Uint8Array, point: Uint8Array | undefined): Curve | undefined {
  if (point === undefined) return undefined;
  const fitting = CURVES.filter((curve) => curve.scalar === d.length && isPoint(point, curve));
  return fitting.find((curve) => uncompressed(curve, point) !== undefined) ?? fitting[0];
}

/**
 * ECPrivateKey with the scalar at full length, the point if it is known, and the curve's name unless PKCS#8
 * has it.
 */
export function writeEcPrivateKey(key: EcMaterial, withCurve = true): Uint8Array {
  const curve = curveByName(key.curve);
  const d = key.d.reveal();
  return sequence(
    integer(Uint8Array.of(1)),
    octetString(curve === undefined ? d : padded(trimmed(d), curve.scalar)),
    ...(withCurve && curve !== undefined ? [tagged(0, oid(curve.oid))] : []),
    ...(key.point === undefined ? [] : [tagged(1, bitString(key.point))]),
  );
}

/**
 * True if the "number" of an incomplete structure is the header of the public half. ring and its relatives
 * keep the start of a PrivateKeyInfo and that header side by side, and insert the numbers when they write a
 * key (`ecPublicKey_p256_pkcs8_v1_template.der`, `ed25519_pkcs8_v2_template.der`).
 */
export function isTemplateHeader(number: Uint8Array): boolean {
  // publicKey [1] IMPLICIT BIT STRING of 33 octets (RFC 5958, section 2).
  if (number[0] === 0x81) return number[1] === 33 && number[2] === 0;
  // publicKey [1] EXPLICIT BIT STRING (RFC 5915, section 3).
  return number[0] === 0xa1 && number[2] === 3 && number[1] === number[3]! + 2 && number[4] === 0;
}
