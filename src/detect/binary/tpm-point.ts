import { type Curve, curveByName } from '../../asn1/curves.js';
import { DOMAINS, type Domain, isOnCurve } from '../../asn1/domain.js';
import { spkiEc } from '../../asn1/spki.js';
import { toBigint } from '../../base/bytes/integers.js';

/** Public points of a TPM that is a program (libtpms in swtpm, the reference code), as its structures lie in memory. */

/** TPM_ECC_CURVE (TPM 2.0 Library, part 2, 6.4). */
const CURVES: ReadonlyMap<number, string> = new Map([
  [3, 'P-256'],
  [4, 'P-384'],
  [5, 'P-521'],
]);

/** `curveID`, TPM_ALG_NULL as `kdf.scheme` (part 2, 12.2.3.6), its empty details and padding. */
const PARAMETERS = 8;
/** Of the buffer of a coordinate (MAX_ECC_KEY_BYTES): libtpms has room for 638 bits. */
const ROOM_MOST = 128;

/** A point as its SubjectPublicKeyInfo, and where it ends. */
export interface TpmPoint {
  spki: Uint8Array;
  end: number;
}

/** TPM2B_ECC_PARAMETER: UINT16 size and so many octets, big-endian. */
const coordinate = (bytes: Buffer, at: number, size: number): Buffer | undefined =>
  at + 2 + size <= bytes.length && bytes.readUInt16LE(at) === size
    ? bytes.subarray(at + 2, at + 2 + size)
    : undefined;

/** Where a coordinate of this size begins behind one that ends at `at`: its buffer is filled with zeros. */
function nextOf(bytes: Buffer, at: number): number {
  const last = Math.min(at + ROOM_MOST, bytes.length - 1);
  let next = at;
  while (next < last && bytes[next] === 0) next++;
  return next;
}

/** TPMS_ECC_POINT behind the end of TPMS_ECC_PARMS at `at`, in the order of a little-endian machine; its size fits the curve. */
export function readTpmPoint(bytes: Uint8Array, at: number): TpmPoint | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (at + PARAMETERS + 2 > buffer.length) return undefined;
  const name = CURVES.get(buffer.readUInt16LE(at));
  const domain = DOMAINS.find((each) => each.name === name);
  return name === undefined || domain === undefined
    ? undefined
    : pointOf(buffer, at + PARAMETERS, domain, curveByName(name)!);
}

function pointOf(bytes: Buffer, at: number, domain: Domain, curve: Curve): TpmPoint | undefined {
  const x = coordinate(bytes, at, domain.size);
  if (x === undefined) return undefined;
  const second = nextOf(bytes, at + 2 + domain.size);
  const y = coordinate(bytes, second, domain.size);
  if (y === undefined || !isOnCurve(domain, toBigint(x), toBigint(y))) return undefined;
  return {
    spki: spkiEc(curve, Buffer.concat([Buffer.of(4), x, y])),
    end: second + 2 + domain.size,
  };
}
