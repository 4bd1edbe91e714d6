import { readFileSync } from 'node:fs';
import { sha256Hex } from '../asn1/spki.js';
import { asset } from '../base/runtime/assets.js';
import { documentedIn } from './documentation-secrets.js';
import { madeUpBytes } from './made-up-bytes.js';
import { PUBLISHED_KEYS, PUBLISHED_SYMMETRIC_KEYS } from './published-list.js';

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
  for (const line of readFileSync(asset(PACKAGES), 'utf8').split('\n'))
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
  return PUBLISHED_KEYS.get(hash) ?? inPackage(hash);
}

/**
 * Where the symmetric key was published, if it is a known test key, a secret of documentation or made-up
 * bytes.
 */
export function publishedSymmetricKey(k: Uint8Array): string | undefined {
  return PUBLISHED_SYMMETRIC_KEYS.get(sha256Hex(k)) ?? documentedIn(k) ?? madeUpBytes(k);
}

/** Where the secret with this fingerprint of the report was published. */
export function publishedFingerprint(fingerprint: string): string | undefined {
  return inPackage(fingerprint.slice('v1:'.length));
}
