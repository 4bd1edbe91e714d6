import { sha256Hex } from '../core/asn1/spki.js';
import { readAsset } from '../core/base/runtime/assets.js';
import { documentedIn } from './documentation-secrets.js';
import { madeUpBytes } from './made-up-bytes.js';

/**
 * Keys, secrets and tokens published in specifications or library sources: real ones, and no leak. One a
 * line: kind, identity in lower-case hex, and where it was published. The identity of a key is
 * SHA-256 over its canonical SubjectPublicKeyInfo, of a symmetric key over its bytes, of a token its
 * fingerprint in a report. fixtures/published/ has the numbers, from which a test computes the hashes.
 * Another test reads keys that are embedded in binaries there, if the binary is installed.
 */
const KEYS = 'src/prove/published-keys.tsv';

type PublishedKind = 'spki-sha256' | 'bytes-sha256' | 'fingerprint';

let published: Record<PublishedKind, Map<string, string>> | undefined;

/** Places of publication by identity; read at the first key of a scan. */
export function publishedOf(kind: PublishedKind): ReadonlyMap<string, string> {
  published ??= readPublished();
  return published[kind];
}

function readPublished(): Record<PublishedKind, Map<string, string>> {
  const known = { 'spki-sha256': new Map(), 'bytes-sha256': new Map(), fingerprint: new Map() };
  for (const line of readAsset(KEYS).toString().trimEnd().split('\n')) {
    const [kind, identity, source] = line.split('\t');
    known[kind as PublishedKind].set(identity, source);
  }
  return known;
}

/**
 * Identities of the keys and tokens that packages carry, by package. Written by published-packages.mjs; read
 * at the first key of a scan.
 */
const PACKAGES = 'src/prove/published-packages.txt';
/** Hexadecimal digits of an identity in that file: the first half of the 32 bytes of a fingerprint. */
const DIGITS = 32;

let packages: Map<string, string> | undefined;

function readPackages(): Map<string, string> {
  const known = new Map<string, string>();
  let source = '';
  for (const line of readAsset(PACKAGES).toString().split('\n'))
    if (line.startsWith('= ')) source = line.slice(2);
    else if (line.length === DIGITS) known.set(line, source);
  return known;
}

function inPackage(hex: string): string | undefined {
  packages ??= readPackages();
  const source = packages.get(hex.slice(0, DIGITS));
  return source === undefined ? undefined : `in the source of ${source}`;
}

/** Where the key with this canonical SubjectPublicKeyInfo was published, if it is a known test key. */
export function publishedKey(canonicalSpki: Uint8Array): string | undefined {
  const hash = sha256Hex(canonicalSpki);
  return publishedOf('spki-sha256').get(hash) ?? inPackage(hash);
}

/**
 * Where the symmetric key was published, if it is a known test key, a secret of documentation or made-up
 * bytes.
 */
export function publishedSymmetricKey(k: Uint8Array): string | undefined {
  return publishedOf('bytes-sha256').get(sha256Hex(k)) ?? documentedIn(k) ?? madeUpBytes(k);
}

/** Where the key or token with this fingerprint of the report was published; undefined if it was not. */
export function publishedFingerprint(fingerprint: string | undefined): string | undefined {
  if (fingerprint === undefined) return undefined;
  const hex = fingerprint.slice('v1:'.length);
  return publishedOf('fingerprint').get(hex) ?? inPackage(hex);
}
