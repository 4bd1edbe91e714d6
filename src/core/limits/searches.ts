/**
 * The searches for bare keys: private keys in memory as plain numbers, without a marker. Each row is one
 * search. The session (session/number-search.ts) runs the steps in this order; docs/searches.md is generated
 * from both tables.
 *
 * A search sees candidates (numbers, digits and texts taken out of runs), identities (public keys and tokens
 * of the artifact, targets of `--find`) and a budget of work. Of the format of a dump it knows only whether
 * it is a managed heap.
 */

import type { Bound, LimitRow } from './costs.js';
import { SHARED_LIMITS } from './shared-limits.js';

/** Roles of the rules that report bare keys. */
export type RuleRole = 'key' | 'agreement' | 'secret' | 'schedule';

interface StepRow {
  /** It runs if one of these rules is in use. */
  rules: readonly RuleRole[];
  /** In a worker of the pool if one is up, or on the main thread meanwhile. */
  when: 'worker' | 'meanwhile';
}

/** Searches that share their passes over the runs, in the order in which they start. */
export const STEPS = {
  rsa: { rules: ['key'], when: 'worker' },
  curves: { rules: ['key', 'agreement'], when: 'meanwhile' },
  curve448: { rules: ['key', 'agreement'], when: 'meanwhile' },
  'rare-curves': { rules: ['key', 'agreement'], when: 'meanwhile' },
  openssh: { rules: ['key', 'agreement'], when: 'meanwhile' },
  hmac: { rules: ['secret'], when: 'meanwhile' },
  aes: { rules: ['schedule'], when: 'meanwhile' },
} as const satisfies Record<string, StepRow>;

export type SearchStep = keyof typeof STEPS;

/** Steps that run on the main thread and yield candidates. */
export type MainStep = {
  [K in SearchStep]: (typeof STEPS)[K]['when'] extends 'meanwhile' ? K : never;
}[SearchStep];

export const MAIN_STEPS = (Object.keys(STEPS) as SearchStep[]).filter(
  (step): step is MainStep => STEPS[step].when === 'meanwhile',
);

/** What a search works on: candidates, then identities. */
type Need = 'numbers' | 'digits' | 'texts' | 'public keys' | 'tokens' | 'found keys';

interface SearchRow {
  id: string;
  step: SearchStep;
  /** The file of its algorithm, below src/search. */
  algorithm: string;
  /** The kind of key, and what must be known of it. Printed in docs/searches.md. */
  finds: string;
  /** The numbers in the dump that it is computed from. Printed in docs/searches.md. */
  by: string;
  needs: readonly Need[];
  /** Names in `coverage.limits`, each with the budget that it reports as spent. */
  limits: Readonly<Record<string, LimitRow>>;
  /** The programs in whose dumps it found a key, or `none yet`. */
  evidence: string;
}

const LARGE = '20 s of one core and 0.1 s per MB';
const LIKELY = `${LARGE} for likely numbers of written keys and all of targets, 5 s for those of others`;
const TRIALS = `${LIKELY}; for the rest 3 ms per MB of dense memory, at least 1 s (0.1 s below 8 MiB)`;
/** Budget of a search for parts of known moduli. */
const OTHERS = '1.5 ms per MB of dense memory, at least 0.5 s (0.05 s below 8 MiB)';
const FILLING = `${LARGE} for numbers that fill their run`;
const PARTS = `${FILLING}; others ${OTHERS}; for authorities 0.2 s and 0.05 ms per MB`;

/** Bounds of src/search/secrets/hmac/key-trials.ts. */
const SECRET_NUMBERS = '131,072 numbers, or 393 per MB of dense memory if more';
const FAR_SECRETS = '5 million blocks, or 15,000 per MB of dense memory if more (2 million below 8 MiB)';

/** Searches in the order of their steps. */
export const SEARCHES = [
  {
    id: 'rsa-two-primes',
    step: 'rsa',
    algorithm: 'rsa/product-join.ts',
    finds: 'RSA, modulus unknown',
    by: 'p, q and n (up to 768 bits also d, dp, dq or the public key)',
    needs: ['numbers', 'digits', 'texts', 'public keys'],
    limits: {
      'rsa-unknown-n': ['8,388,608 pairs, or one per 64 bytes if more', 'work'],
      'rsa-unknown-n windows': ['1,000,000 numbers per size', 'memory'],
      'rsa-exponents': ['2,097,152 stretches of digits', 'memory'],
    },
    evidence: 'node-forge in Node, Bun, Deno and Chromium; CPython integers; Java BigInteger',
  },
  {
    id: 'rsa-known-primes',
    step: 'rsa',
    algorithm: 'rsa/primes.ts',
    finds: 'RSA, modulus known',
    by: 'p or q; R mod p',
    needs: ['numbers', 'digits', 'texts', 'public keys'],
    limits: {
      'rsa-known-n primes': [PARTS, 'work'],
      'rsa-known-n moduli': ['2,048 moduli', 'work'],
      'rsa-known-n exponents': ['4 exponents per modulus', 'work'],
      'rsa-known-n edges': ['1,024 numbers per size that do not fill their run', 'work'],
      'rsa-known-n digits': ['512 numbers per size', 'work'],
    },
    evidence: 'ring, BearSSL, proftpd (a prime behind a DER header)',
  },
  {
    id: 'rsa-known-d',
    step: 'rsa',
    algorithm: 'rsa/private-exponent.ts',
    finds: 'RSA, modulus known, two to five primes',
    by: 'd',
    needs: ['numbers', 'digits', 'texts', 'public keys'],
    limits: { 'rsa-known-n d': [PARTS, 'work'] },
    evidence: 'OpenSSL s_server with a key of three primes',
  },
  {
    id: 'rsa-known-crt',
    step: 'rsa',
    algorithm: 'rsa/crt-exponents.ts',
    finds: 'RSA, modulus known',
    by: 'dp or dq',
    needs: ['numbers', 'digits', 'texts', 'public keys'],
    limits: { 'rsa-known-n dp': [PARTS, 'work'] },
    evidence: 'OpenSSL s_server 3.5, all other parts overwritten',
  },
  {
    id: 'rsa-known-montgomery',
    step: 'rsa',
    algorithm: 'rsa/known-modulus-search.ts',
    finds: 'RSA, modulus known: also a bare number, a target, or one of at most 16 others',
    by: 'R² mod p or p·R mod n',
    needs: ['numbers', 'public keys'],
    limits: { 'rsa-known-n montgomery': [PARTS, 'work'] },
    evidence: 'OpenSSL s_server 3.5 (R² mod p), all other parts overwritten',
  },
  {
    id: 'rsa-prime-parts',
    step: 'rsa',
    algorithm: 'rsa/prime-parts.ts',
    finds: 'RSA, modulus a target (`--deep`: all)',
    by: 'two thirds of p or q',
    needs: ['numbers', 'public keys'],
    limits: {
      'rsa-known-n parts': ['40 million word products (about 0.1 s), plus one per 50 bytes', 'work'],
    },
    evidence: 'a C program that freed p (glibc overwrote 16 bytes)',
  },
  {
    id: 'rsa-n-and-prime',
    step: 'rsa',
    algorithm: 'rsa/bare-moduli.ts',
    finds: 'RSA, modulus unknown, from 1,024 bits',
    by: 'n and one prime',
    needs: ['numbers'],
    limits: {
      'rsa-unknown-n moduli': ['8,192 words of n, or one per 64 KiB if more', 'work'],
      'rsa-unknown-n divisors': ['32,768 words of primes, or one per 16 KiB if more', 'work'],
    },
    evidence: 'named (BIND 9.20)',
  },
  {
    id: 'rsa-n-and-d',
    step: 'rsa',
    algorithm: 'rsa/bare-exponents.ts',
    finds: 'RSA, modulus unknown, from 1,024 bits, e 65,537, 3 or 17',
    by: 'n and d',
    needs: ['numbers', 'digits'],
    limits: { 'rsa-unknown-n d': ['5,000 numbers, 512 per size in digits; 98,304 pairs per size', 'work'] },
    evidence: 'Java with a key of RSAPrivateKeySpec',
  },
  {
    id: 'rsa-crt-parts',
    step: 'rsa',
    algorithm: 'rsa/bare-crt-parts.ts',
    finds: 'RSA, modulus unknown, from 1,024 bits, e 65,537, 3 or 17',
    by: 'p, q, dp and dq without a gap, or each in its own object, with qinv',
    needs: ['numbers'],
    limits: {
      'rsa-unknown-n crt': ['2,097,152 places, or one per 128 bytes if more; as many pairs per size', 'work'],
    },
    evidence: 'BearSSL',
  },
  {
    id: 'ec-scalars',
    step: 'curves',
    algorithm: 'curves/scalars/scalar-search.ts',
    finds: 'P-256, P-384, P-521, secp256k1, brainpoolP256r1, P320r1, P384r1, P512r1',
    by: 'd and its public point, plain, compressed or in Montgomery form',
    needs: ['numbers', 'digits', 'texts', 'public keys'],
    limits: {
      'ec-numbers': ['262,144 numbers per size', 'memory'],
      'ec-coordinates': ['262,144 numbers per size; of more, the likeliest', 'work'],
      'ec-points': ['Z of Jacobian points; 1,024 compressed points in hex', 'work'],
      'ec-scalars': [TRIALS, 'work'],
      'ec-scalars near points': [
        '6,144 numbers of 256 bits around 16 points, 18,432 around 1,024 others, fewer of longer ones',
        'work',
      ],
      'ec-scalars without a point': ['8,192 numbers on secp256k1', 'work'],
    },
    evidence: 'nginx, Go, Java, Node, CPython, ring, mbedTLS, wolfSSL, dropbear, elliptic and others',
  },
  {
    id: 'ecdsa-nonces',
    step: 'curves',
    algorithm: 'curves/nonces/nonce-keys.ts',
    finds: 'ECDSA key, d gone',
    by: 'the nonce k, its signature and its digest',
    needs: ['numbers', 'digits', 'texts', 'public keys', 'tokens'],
    limits: {
      'ecdsa-nonces': [
        '5,000 pairs of nonce and key; 2 million products of a nonce and an s, 131,072 numbers as s',
        'work',
      ],
    },
    evidence: 'Go 1.24, 204 copies of d overwritten',
  },
  {
    id: 'curve25519',
    step: 'curves',
    algorithm: 'curves/edwards/curve25519.ts',
    finds: 'Ed25519, X25519',
    by: 'seed or scalar and its public key, in any form',
    needs: ['numbers', 'digits', 'texts', 'public keys'],
    limits: { 'ed25519-seeds': [TRIALS, 'work'] },
    evidence: 'PyNaCl, tor, PowerDNS, wireguard-go, sshd, Node, Java, ring, Caddy and others',
  },
  {
    id: 'curve448',
    step: 'curve448',
    algorithm: 'curves/edwards/curve448.ts',
    finds: 'Ed448, X448',
    by: 'seed or scalar and its public key, written as a key or held by OpenSSL 3',
    needs: ['numbers', 'texts', 'public keys'],
    limits: { 'ed448-seeds': ['1,000 numbers', 'work'], 'x448-seeds': ['1,000 numbers', 'work'] },
    evidence: 'Node 20 (OpenSSL 3)',
  },
  {
    id: 'rare-curves',
    step: 'rare-curves',
    algorithm: 'curves/rare-curves.ts',
    finds: 'P-224, SM2, Brainpool’s other curves from 224 bits',
    by: 'd and a SubjectPublicKeyInfo or certificate of that curve, or a target',
    needs: ['numbers', 'public keys'],
    limits: { 'ec-scalars': ['2,000 numbers (16 if there are over 16,384 runs)', 'work'] },
    evidence: 'openssl s_server with P-224 (four of eight processes)',
  },
  {
    id: 'openssh-shielded',
    step: 'openssh',
    algorithm: 'secrets/openssh/shielded-keys.ts',
    finds: 'keys that OpenSSH shields',
    by: 'the encrypted key and its 16 KiB prekey',
    needs: ['numbers'],
    limits: {
      'openssh-prekeys': ['4,096 prekeys, 64 of them adjacent', 'work'],
      'openssh-shielded': ['16,384 places', 'work'],
    },
    evidence: 'ssh-agent and sshd (OpenSSH 10)',
  },
  {
    id: 'hmac-secrets',
    step: 'hmac',
    algorithm: 'secrets/hmac/key-trials.ts',
    finds: 'secrets of HS256, HS384, HS512',
    by: 'the secret as octets, text or padded block, and a token that it verifies',
    needs: ['numbers', 'texts', 'tokens'],
    limits: {
      'hmac-tokens': ['24 MiB around tokens: each has its share, 512 bytes to 16 KiB on either side', 'work'],
      'hmac-keys': [`${SECRET_NUMBERS}; a third of ${FAR_SECRETS}; 10,000 padded blocks`, 'work'],
      'hmac-texts': [
        `32 million blocks of SHA-256 (3 s), values of 65,536 names; far from both ${FAR_SECRETS}`,
        'work',
      ],
      'hmac-pages': ['bytes of a compressed dump that were not kept', 'work'],
    },
    evidence: 'jose, jsonwebtoken, Bun, mbedTLS (padded blocks), Chromium',
  },
  {
    id: 'hmac-states',
    step: 'hmac',
    algorithm: 'secrets/hmac/hmac-midstates.ts',
    finds: 'HS256, HS384, HS512 without the secret',
    by: 'the hash’s states behind both pads, and a token that they verify',
    needs: ['numbers', 'tokens'],
    limits: { 'hmac-states': ['512 states, 5 million blocks of SHA-256', 'work'] },
    evidence: 'CPython hmac, nettle, GnuTLS, ring',
  },
  {
    id: 'aes-schedules',
    step: 'aes',
    algorithm: 'secrets/aes/aes-schedules.ts',
    finds: 'AES-128, AES-192, AES-256 (`--with aes-key-schedule`)',
    by: 'the expanded key, all 44 to 60 words',
    needs: ['numbers'],
    limits: {},
    evidence: 'Node createDecipheriv, the key’s buffer overwritten',
  },
] as const satisfies readonly SearchRow[];

export type SearchId = (typeof SEARCHES)[number]['id'];

type KeysOf<T> = T extends unknown ? keyof T & string : never;

/** Every name that a search may add to `coverage.limits`. */
export type LimitName = KeysOf<(typeof SEARCHES)[number]['limits']> | keyof typeof SHARED_LIMITS;

const BOUNDS: ReadonlyMap<string, Bound> = new Map(
  [...SEARCHES.map(({ limits }) => limits), SHARED_LIMITS].flatMap((limits) =>
    Object.entries<LimitRow>(limits).map(([name, [, bound]]) => [name, bound] as const),
  ),
);

/** Whether `--effort deep` does what a limit left. */
export const isLifted = (name: LimitName): boolean => BOUNDS.get(name) === 'work';
