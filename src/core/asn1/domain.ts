/** Domain parameters of a short Weierstrass curve y^2 = x^3 + a x + b over a prime field. */
export interface Domain {
  /** Name of `curves.ts`; none for the Weierstrass form of Curve25519, which only the search uses. */
  name: string;
  /** Octets of a coordinate and of a scalar. */
  size: number;
  p: bigint;
  a: bigint;
  b: bigint;
  /** Order of the generator. */
  n: bigint;
  /** Generator. */
  x: bigint;
  y: bigint;
}

const hex = (text: string): bigint => BigInt(`0x${text.replaceAll(' ', '')}`);

const P256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P384 = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const P521 = 2n ** 521n - 1n;

/** b follows from the generator, since it is on the curve. */
function domain(name: string, size: number, p: bigint, a: bigint, n: string, x: string, y: string): Domain {
  const [gx, gy] = [hex(x), hex(y)];
  const b = (((gy * gy - gx * gx * gx - a * gx) % p) + p) % p;
  return { name, size, p, a: ((a % p) + p) % p, b, n: hex(n), x: gx, y: gy };
}

/** Curves of SEC 2, version 1.0, whose constants libraries still hold, and on which no search works. */
export const OLD_DOMAINS: readonly Domain[] = [
  domain(
    'P-192',
    24,
    2n ** 192n - 2n ** 64n - 1n,
    -3n,
    'ffffffffffffffffffffffff99def836146bc9b1b4d22831',
    '188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012',
    '07192b95ffc8da78631011ed6b24cdd573f977a11e794811',
  ),
  domain(
    'P-224',
    28,
    2n ** 224n - 2n ** 96n + 1n,
    -3n,
    'ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d',
    'b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21',
    'bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34',
  ),
];

/** SEC 2, version 2.0, sections 2.4 to 2.6; RFC 5639, sections 3.4 to 3.7. */
export const DOMAINS: readonly Domain[] = [
  domain(
    'P-256',
    32,
    P256,
    -3n,
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
    '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  ),
  domain(
    'secp256k1',
    32,
    2n ** 256n - 2n ** 32n - 977n,
    0n,
    'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
    '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8',
  ),
  domain(
    'brainpoolP256r1',
    32,
    hex('a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377'),
    hex('7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9'),
    'a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7',
    '8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262',
    '547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997',
  ),
  domain(
    'brainpoolP320r1',
    40,
    hex('d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27'),
    hex('3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f492f375a97d860eb4'),
    'd35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311',
    '43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c710af8d0d39e20611',
    '14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7d35245d1692e8ee1',
  ),
  domain(
    'P-384',
    48,
    P384,
    -3n,
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    'aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7',
    '3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f',
  ),
  domain(
    'brainpoolP384r1',
    48,
    hex('8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53'),
    hex('7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826'),
    '8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565',
    '1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e',
    '8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315',
  ),
  domain(
    'brainpoolP512r1',
    64,
    hex(
      'aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3',
    ),
    hex(
      '7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca',
    ),
    'aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069',
    '81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822',
    '7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892',
  ),
  domain(
    'P-521',
    66,
    P521,
    -3n,
    '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
    '00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66',
    '011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650',
  ),
];

/** A of Curve25519: v^2 = u^3 + A u^2 + u (RFC 7748, 4.1). */
const A = 486_662n;
const P25519 = 2n ** 255n - 19n;

/** 1/3 mod 2^255 - 19. */
const THIRD = (2n * P25519 + 1n) / 3n;

/** u = x - A/3 of Curve25519 belongs to x of its Weierstrass form. */
export const WEI25519_SHIFT = (A * THIRD) % P25519;

/**
 * Curve25519 in Weierstrass form, x = u + A/3, so that one kernel serves all curves. The sign of v does not
 * matter.
 */
export const WEI25519: Domain = {
  name: 'Wei25519',
  size: 32,
  p: P25519,
  a: (((((3n - A * A) % P25519) + P25519) % P25519) * THIRD) % P25519,
  b: (((2n * A * A * A - 9n * A) % P25519) * (THIRD * THIRD * THIRD)) % P25519,
  n: 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n,
  x: (9n + WEI25519_SHIFT) % P25519,
  y: 14_781_619_447_589_544_791_020_593_568_409_986_887_264_606_134_616_475_288_964_881_837_755_586_237_401n,
};

export function isOnCurve({ p, a, b }: Domain, x: bigint, y: bigint): boolean {
  return x < p && y < p && (y * y - (x * x * x + a * x + b)) % p === 0n;
}
