/** Where evidence for a private key comes from. What the tool has computed itself proves nothing. */
type Origin = 'computed' | 'form' | 'dump' | 'beside';

interface EvidenceRow {
  from: Origin;
  /** Printed in docs/keys.md, as is `keys`. */
  evidence: string;
  /** Forms of keys that have such evidence. */
  keys: string;
}

/**
 * Everything that may speak for a private key. A number of the right size always has a public half, so that a
 * key is proven only by a row whose origin is not `computed`.
 */
export const EVIDENCE = {
  numbers: {
    from: 'form',
    evidence: 'numbers that determine each other: n = p·q, e·d = 1, dp, dq, qinv, primes',
    keys: 'RSA in every form, also cut, and as bare numbers',
  },
  halves: {
    from: 'form',
    evidence: 'both halves: d·G = Q, the public key of the seed, g^x = y',
    keys:
      'SEC 1 and PKCS#8 with the public key (RFC 5915, RFC 5958 version 2), DSAPrivateKey, OpenSSH, PuTTY, ' +
      'minisign, JWK with x, CNG, S-expressions, seed and public key of libsodium, Go and tor',
  },
  armour: {
    from: 'form',
    evidence: 'PEM that is whole: BEGIN line, key, END line',
    keys: 'PKCS#8 of Ed25519, X25519, Ed448, X448 and DSA, SEC 1 without Q',
  },
  publicKey: {
    from: 'dump',
    evidence: 'the public key in a certificate, SubjectPublicKeyInfo, SSH key, JWK or TPM public area',
    keys: 'all',
  },
  publicNumber: {
    from: 'dump',
    evidence: 'the public key as a number, in any encoding of bare numbers',
    keys: 'all',
  },
  use: {
    from: 'dump',
    evidence: 'a token, session or certificate that verifies under the key',
    keys: 'all; symmetric keys by nothing else',
  },
  target: { from: 'beside', evidence: 'the public key of a `--find` target', keys: 'all' },
  neighbour: { from: 'beside', evidence: 'the public key in another file of the scan', keys: 'all' },
  computed: {
    from: 'computed',
    evidence: 'none of these: the public key was only computed',
    keys: 'DER without the public key, base64 without BEGIN and END, BIND, JWK without x, lone primes',
  },
} as const satisfies Record<string, EvidenceRow>;

/** True if any of the evidence comes from elsewhere than the tool's own computation. */
export const isProof = (evidence: readonly { from: Origin }[]): boolean =>
  evidence.some(({ from }) => from !== 'computed');
