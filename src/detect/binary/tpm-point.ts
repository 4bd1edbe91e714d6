import { type Curve, curveByName } from '../../core/asn1/curves.js';
import { DOMAINS, type Domain, isOnCurve } from '../../core/asn1/domain.js';
import { spkiEc } from '../../core/asn1/spki.js';
import { toBigint } from '../../core/base/bytes/integers.js';

/** Public points in the memory of a software TPM (libtpms in swtpm, and the reference implementation). */

/** TPM_ECC_CURVE (TPM 2.0 Library, part 2, 6.4). */
const CURVES: ReadonlyMap<number, string> = new Map([
  [3, 'P-256'],
  [4, 'P-384'],
  [5, 'P-521'],
]);

/** Bytes of `curveID`, `kdf.scheme` = TPM_ALG_NULL (part 2, 12.2.3.6), its empty details and padding. */
const PARAMETERS = 8;
/** Upper bound of a coordinate's buffer in bytes (MAX_ECC_KEY_BYTES); libtpms has 638 bits. */
const MAX_BUFFER = 128;

/** A point as its SubjectPublicKeyInfo, and where it ends. */
export interface TpmPoint {
  spki: Uint8Array;
  end: number;
}

/** TPM2B_ECC_PARAMETER: UINT16 size, then the coordinate, big-endian. */
const coordinate = (bytes: Buffer, at: number, size: number): Buffer | undefined =>
  at + 2 + size <= bytes.length && bytes.readUInt16LE(at) === size
    ? bytes.subarray(at + 2, at + 2 + size)
    : undefined;

/** Start of the next coordinate: the buffer of the previous one is filled with zeros. */
function nextOf(bytes: Buffer, at: number): number {
  const last = Math.min(at + MAX_BUFFER, bytes.length - 1);
  let next = at;
  while (next < last && bytes[next] === 0) next++;
  return next;
}

/** Reads the TPMS_ECC_POINT after the end of TPMS_ECC_PARMS at `at`, from a little-endian machine. */
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
