/** A named curve: as reports say it, as OpenSSL says it, its object identifier, and the names that JWK and SSH have for it. */
export interface Curve {
  name: string;
  openssl: string;
  oid: string;
  /** Length of the order, in bits. */
  bits: number;
  /** `crv` of RFC 7518 or RFC 8812: only with one has the key a JWK thumbprint. */
  jwk?: string;
  /** Curve identifier of RFC 5656, 10.1: only with one has the key an SSH fingerprint. */
  ssh?: string;
}

/** RFC 5639: {ecStdCurvesAndGeneration, ellipticCurve(1), versionOne(1)}, then 1 to 14 in this order. */
const brainpool: Curve[] = [160, 192, 224, 256, 320, 384, 512].flatMap((bits, i) =>
  ['r1', 't1'].map((form, j) => ({
    name: `brainpoolP${bits}${form}`,
    openssl: `brainpoolP${bits}${form}`,
    oid: `1.3.36.3.3.2.8.1.1.${2 * i + j + 1}`,
    bits,
  })),
);

/** Prime curves that carry signing keys (SEC 2, RFC 5480, RFC 5639, GB/T 32918). */
export const CURVES: readonly Curve[] = [
  {
    name: 'P-256',
    openssl: 'prime256v1',
    oid: '1.2.840.10045.3.1.7',
    bits: 256,
    jwk: 'P-256',
    ssh: 'nistp256',
  },
  { name: 'P-384', openssl: 'secp384r1', oid: '1.3.132.0.34', bits: 384, jwk: 'P-384', ssh: 'nistp384' },
  { name: 'P-521', openssl: 'secp521r1', oid: '1.3.132.0.35', bits: 521, jwk: 'P-521', ssh: 'nistp521' },
  { name: 'secp256k1', openssl: 'secp256k1', oid: '1.3.132.0.10', bits: 256, jwk: 'secp256k1' },
  { name: 'P-192', openssl: 'prime192v1', oid: '1.2.840.10045.3.1.1', bits: 192 },
  { name: 'P-224', openssl: 'secp224r1', oid: '1.3.132.0.33', bits: 224 },
  { name: 'SM2', openssl: 'SM2', oid: '1.2.156.10197.1.301', bits: 256 },
  ...brainpool,
];

/** The curve that a report's, OpenSSL's or JWK's name means. */
export function curveNamed(name: string): Curve | undefined {
  return CURVES.find((row) => row.name === name || row.openssl === name);
}
