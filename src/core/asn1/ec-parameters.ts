import { generateKeyPairSync } from 'node:crypto';
import { CURVES, type Curve, curveByOid } from './curves.js';
import { Der, TAG } from './der.js';

/** EC domain parameters (RFC 3279, 2.3.5; SEC 1, C.2): a named curve, or explicit parameters. */

export interface EcParameters {
  curve: Curve;
  /** DER of explicit parameters, a view (`openssl ec -param_enc explicit`). */
  explicit?: Uint8Array;
}

/** 1.2.840.10045.1.1 prime-field. */
const PRIME_FIELD = '2a8648ce3d0101';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * The parts of SpecifiedECDomain that define the curve, as one text: p, a, b, G and its order, without seed
 * and cofactor.
 */
function numbersOf(der: Der): string | undefined {
  const domain = der.enter(TAG.sequence);
  domain?.small();
  const field = domain?.enter(TAG.sequence);
  if (field?.oid() !== PRIME_FIELD) return undefined;
  const p = field.integer();
  const equation = domain?.enter(TAG.sequence);
  const [a, b] = [equation?.contents(TAG.octetString), equation?.contents(TAG.octetString)];
  const base = domain?.contents(TAG.octetString);
  const order = domain?.integer();
  if (!p || !a || !b || !order || base?.[0] === undefined) return undefined;
  const x = base.subarray(1, 1 + p.length);
  // SEC 1, 2.3.3: of y a compressed point has the parity alone.
  const parity = (base[0] < 4 ? base[0] : base.at(-1)!) & 1;
  return [p, a, b, x, order].map(hex).concat(String(parity)).join(' ');
}

const written = new Map<Curve, Uint8Array | undefined>();

/**
 * Explicit parameters of the curve as OpenSSL writes them; undefined if this Node's OpenSSL lacks the curve.
 */
export function explicitParameters(curve: Curve): Uint8Array | undefined {
  if (!written.has(curve)) written.set(curve, askOpenssl(curve));
  return written.get(curve);
}

/** Taken from a key generated for the purpose: node:crypto has no other way. */
function askOpenssl(curve: Curve): Uint8Array | undefined {
  try {
    const { publicKey } = generateKeyPairSync('ec', {
      namedCurve: curve.openssl,
      paramEncoding: 'explicit',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    const algorithm = new Der(publicKey).enter(TAG.sequence)?.enter(TAG.sequence);
    algorithm?.oid();
    return algorithm && Uint8Array.from(algorithm.rest());
  } catch {
    return undefined;
  }
}

let byNumbers: ReadonlyMap<string, Curve> | undefined;

/** Built at the first key with explicit parameters: most dumps have none. */
function curvesByNumbers(): ReadonlyMap<string, Curve> {
  byNumbers ??= new Map(
    CURVES.flatMap((curve): [string, Curve][] => {
      const der = explicitParameters(curve);
      const numbers = der && numbersOf(new Der(der));
      return numbers === undefined ? [] : [[numbers, curve]];
    }),
  );
  return byNumbers;
}

/** The curve of the next element, named or explicit; undefined if it is not in the table. */
export function readEcParameters(der: Der | undefined): EcParameters | undefined {
  if (der?.peek() !== TAG.sequence) {
    const curve = curveByOid(der?.oid() ?? '');
    return curve && { curve };
  }
  const start = der.at;
  const numbers = numbersOf(der);
  const curve = numbers === undefined ? undefined : curvesByNumbers().get(numbers);
  return curve && { curve, explicit: der.bytes.subarray(start, der.at) };
}
