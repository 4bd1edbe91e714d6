/** A named prime curve. */
export interface Curve {
  /** As OpenSSL prints NIST's and Brainpool's names. */
  name: string;
  /** Contents of the OBJECT IDENTIFIER, hex. */
  oid: string;
  /** Octets of a coordinate: ceil(log2 p / 8). */
  field: number;
  /** Octets of a private scalar: ceil(log2 n / 8) (RFC 5915, 3). */
  scalar: number;
}

const curve = (name: string, oid: string, size: number): Curve => ({ name, oid, field: size, scalar: size });

/** 1.3.36.3.3.2.8.1.1.N (RFC 5639, 4.1). */
const BRAINPOOL = '2b2403030208010';

const brainpool = [160, 192, 224, 256, 320, 384, 512].flatMap((bits, i) => [
  // The order of the 160-bit curves is below their prime, like all Brainpool orders: no octet more.
  curve(`brainpoolP${bits}r1`, `${BRAINPOOL}1${(2 * i + 1).toString(16).padStart(2, '0')}`, bits / 8),
  curve(`brainpoolP${bits}t1`, `${BRAINPOOL}1${(2 * i + 2).toString(16).padStart(2, '0')}`, bits / 8),
]);

/** In the order in which a scalar of unknown curve is assumed to belong: the commonest first. */
export const CURVES: readonly Curve[] = [
  // 1.2.840.10045.3.1.7, 1.3.132.0.34, .35, .10, .33 and 1.2.840.10045.3.1.1 (RFC 5480, 2.1.1.1; SEC 2).
  curve('P-256', '2a8648ce3d030107', 32),
  curve('P-384', '2b81040022', 48),
  curve('P-521', '2b81040023', 66),
  curve('secp256k1', '2b8104000a', 32),
  curve('P-224', '2b81040021', 28),
  curve('P-192', '2a8648ce3d030101', 24),
  // 1.2.156.10197.1.301 (GB/T 33560).
  curve('SM2', '2a811ccf5501822d', 32),
  ...brainpool,
];

const byOid = new Map(CURVES.map((c) => [c.oid, c]));
const byName = new Map(CURVES.map((c) => [c.name, c]));

export const curveByOid = (oid: string): Curve | undefined => byOid.get(oid);
export const curveByName = (name: string): Curve | undefined => byName.get(name);
/** The commonest curve with scalars of `octets`. */
export const curveByScalar = (octets: number): Curve | undefined => CURVES.find((c) => c.scalar === octets);
