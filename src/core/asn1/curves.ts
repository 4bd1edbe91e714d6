/** A named prime curve, with its names in other specifications. */
export interface Curve {
  /** Name in reports: NIST's, SEC's or Brainpool's. */
  name: string;
  openssl: string;
  /** Contents of the OBJECT IDENTIFIER, hex. */
  oid: string;
  /** Length of the order, in bits. */
  bits: number;
  /** Octets of a coordinate: ceil(log2 p / 8). */
  field: number;
  /** Octets of a private scalar: ceil(log2 n / 8) (RFC 5915, 3). */
  scalar: number;
  /** `crv` of RFC 7518 or RFC 8812; a JWK thumbprint needs it. */
  jwk?: string;
  /** Curve identifier of RFC 5656, 10.1; an SSH fingerprint needs it. */
  ssh?: string;
}

type Names = Pick<Curve, 'jwk' | 'ssh'> & { openssl?: string };

/** On all of these curves the order has as many octets as the prime. */
function curve(name: string, oid: string, bits: number, names: Names = {}): Curve {
  const octets = Math.ceil(bits / 8);
  return { name, openssl: name, oid, bits, field: octets, scalar: octets, ...names };
}

/** 1.3.36.3.3.2.8.1.1.N (RFC 5639, 4.1). */
const BRAINPOOL = '2b24030302080101';

const brainpool = [160, 192, 224, 256, 320, 384, 512].flatMap((bits, i) =>
  ['r1', 't1'].map((form, j) =>
    curve(`brainpoolP${bits}${form}`, BRAINPOOL + (2 * i + j + 1).toString(16).padStart(2, '0'), bits),
  ),
);

/** The most common first: a scalar of unknown curve is taken to belong to the first that fits. */
export const CURVES: readonly Curve[] = [
  // 1.2.840.10045.3.1.7, 1.3.132.0.34, .35, .10, .33 and 1.2.840.10045.3.1.1 (RFC 5480, 2.1.1.1; SEC 2).
  curve('P-256', '2a8648ce3d030107', 256, { openssl: 'prime256v1', jwk: 'P-256', ssh: 'nistp256' }),
  curve('P-384', '2b81040022', 384, { openssl: 'secp384r1', jwk: 'P-384', ssh: 'nistp384' }),
  curve('P-521', '2b81040023', 521, { openssl: 'secp521r1', jwk: 'P-521', ssh: 'nistp521' }),
  curve('secp256k1', '2b8104000a', 256, { jwk: 'secp256k1' }),
  curve('P-224', '2b81040021', 224, { openssl: 'secp224r1' }),
  curve('P-192', '2a8648ce3d030101', 192, { openssl: 'prime192v1' }),
  // 1.2.156.10197.1.301 (GB/T 33560).
  curve('SM2', '2a811ccf5501822d', 256),
  ...brainpool,
];

const byOid = new Map(CURVES.map((c) => [c.oid, c]));
const byName = new Map(CURVES.map((c) => [c.name, c]));
const bySsh = new Map(CURVES.flatMap((c): [string, Curve][] => (c.ssh === undefined ? [] : [[c.ssh, c]])));

export const curveByOid = (oid: string): Curve | undefined => byOid.get(oid);
export const curveByName = (name: string): Curve | undefined => byName.get(name);
/** The curve of an identifier of RFC 5656, 10.1. */
export const curveBySsh = (id: string): Curve | undefined => bySsh.get(id);
/** The most common curve with scalars of `octets`. */
export const curveByScalar = (octets: number): Curve | undefined => CURVES.find((c) => c.scalar === octets);
