import { readFileSync } from 'node:fs';
import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import { asset } from '../base/runtime/assets.js';

/**
 * Keys of the certificate authorities that browsers and systems trust: Mozilla's list, as shipped with Node
 * 20 to 24 and Debian. One a line, the first half of SHA-256 over the canonical SubjectPublicKeyInfo in
 * lower-case hex. Written by public-roots.mjs; read at the first public key of a scan.
 */
const FILE = 'src/judge/public-roots.txt';

let roots: ReadonlySet<string> | undefined;

/** True for the key of a public certificate authority. */
export function isPublicRoot(spki: Uint8Array): boolean {
  roots ??= new Set(readFileSync(asset(FILE), 'latin1').split('\n'));
  return roots.has(sha256Hex(canonicalSpki(spki)).slice(0, 32));
}
