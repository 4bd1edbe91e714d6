import type { OkpMaterial } from '../model/key-material.js';

/** Contents of OBJECT IDENTIFIERs in lower-case hex, by the names of their specifications. */
export const OID = {
  /** 1.2.840.113549.1.1.1 (RFC 8017, A.1). */
  rsaEncryption: '2a864886f70d010101',
  /** 1.2.840.113549.1.1.10 (RFC 8017, A.2.3). */
  rsassaPss: '2a864886f70d01010a',
  /** 1.2.840.10045.2.1 (RFC 5480, 2.1.1). */
  ecPublicKey: '2a8648ce3d0201',
  /** 1.2.840.10040.4.1 (RFC 3279, 2.3.2). */
  dsa: '2a8648ce380401',
  /** 1.2.840.10045.4.3.2 (RFC 5758, 3.2). */
  ecdsaWithSha256: '2a8648ce3d040302',
  /** Attribute of a certificate request: 1.2.840.113549.1.9.14 (RFC 2985, 5.4.2). */
  extensionRequest: '2a864886f70d01090e',
  /** 1.2.840.113549.1.5.13 (RFC 8018, A.4). */
  pbes2: '2a864886f70d01050d',
  /** 1.2.840.113549.1.7.1 (RFC 5652, 4). */
  data: '2a864886f70d010701',
  /** 1.2.840.113549.1.7.2: a signed PFX instead of one with a MAC (RFC 7292, 4). */
  signedData: '2a864886f70d010702',
  /** 1.2.840.113549.1.12.10.1.2 pkcs8ShroudedKeyBag (RFC 7292, 4.2). */
  shroudedKeyBag: '2a864886f70d010c0a0102',
  /** 1.2.840.113549.1.12.10.1.1 keyBag. */
  keyBag: '2a864886f70d010c0a0101',
} as const;

/**
 * Password-based encryption schemes of EncryptedPrivateKeyInfo: PBES2, PBES1 (RFC 8018, A.3) and those of
 * PKCS#12 (RFC 7292, C).
 */
export function isPasswordScheme(oid: string): boolean {
  return (
    oid === OID.pbes2 ||
    /^2a864886f70d0105(01|03|04|06|0a|0b)$/.test(oid) ||
    /^2a864886f70d010c010[1-6]$/.test(oid)
  );
}

export type OkpCurve = OkpMaterial['curve'];

/**
 * RFC 8410, sections 3 and 7: 1.3.101.110 to 113. `size`: octets of the seed and of the public key; `bits`:
 * as openssl prints them.
 */
export const OKP: Readonly<Record<OkpCurve, { oid: string; size: number; bits: number }>> = {
  X25519: { oid: '2b656e', size: 32, bits: 253 },
  X448: { oid: '2b656f', size: 56, bits: 448 },
  Ed25519: { oid: '2b6570', size: 32, bits: 256 },
  Ed448: { oid: '2b6571', size: 57, bits: 456 },
};

const okpNames = new Map((Object.keys(OKP) as OkpCurve[]).map((name) => [OKP[name].oid, name]));

export const okpByOid = (oid: string): OkpCurve | undefined => okpNames.get(oid);

/**
 * Lengths in octets of the OCTET STRING of a private key (FIPS 203, 204 and 205), and of the forms `seed`,
 * `expandedKey` and `both` of their RFCs.
 */
export interface PostQuantum {
  name: string;
  sizes: readonly number[];
}

/**
 * ML-DSA (RFC 9881, 6): a seed `80 20 …` is 34 octets; an expandedKey is `04 82 LLLL …`; both are `30 82 LLLL
 * 04 20 … 04 82 LLLL …`. ML-KEM: the same with a seed of 64 octets (RFC 9935, 6). SLH-DSA: the bare key (RFC
 * 9909, 5), 4n octets.
 */
function lattice(name: string, seed: number, expanded: number): PostQuantum {
  return { name, sizes: [seed + 2, expanded + 4, 4 + seed + 2 + expanded + 4, seed, expanded] };
}

/** 2.16.840.1.101.3.4.3 (signatures) and .4 (KEMs): NIST's Computer Security Objects Register. */
const SIGNATURES = '6086480165030403';
const KEMS = '6086480165030404';

const slh = ['SHA2-128s', 'SHA2-128f', 'SHA2-192s', 'SHA2-192f', 'SHA2-256s', 'SHA2-256f'].flatMap(
  (name, i) => {
    const sizes = [64, 64, 96, 96, 128, 128].slice(i, i + 1);
    return [
      { at: 0x14 + i, key: { name: `SLH-DSA-${name}`, sizes } },
      { at: 0x1a + i, key: { name: `SLH-DSA-${name.replace('SHA2', 'SHAKE')}`, sizes } },
    ];
  },
);

export const POST_QUANTUM: ReadonlyMap<string, PostQuantum> = new Map([
  [`${SIGNATURES}11`, lattice('ML-DSA-44', 32, 2560)],
  [`${SIGNATURES}12`, lattice('ML-DSA-65', 32, 4032)],
  [`${SIGNATURES}13`, lattice('ML-DSA-87', 32, 4896)],
  [`${KEMS}01`, lattice('ML-KEM-512', 64, 1632)],
  [`${KEMS}02`, lattice('ML-KEM-768', 64, 2400)],
  [`${KEMS}03`, lattice('ML-KEM-1024', 64, 3168)],
  ...slh.map(({ at, key }): [string, PostQuantum] => [SIGNATURES + at.toString(16), key]),
]);
