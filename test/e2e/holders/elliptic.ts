import { createRequire } from 'node:module';
import { gcore, startTarget } from '../../support/processes.js';
import { writePrivate } from '../../support/secrets.js';

/** Where the library is installed: the process that a test starts runs in another folder. */
const require = createRequire(import.meta.url);
const ELLIPTIC = require.resolve('elliptic');

/**
 * Reads a scalar per curve, wipes the bytes read, and signs three digests with the library. The digests are
 * kept: a nonce whose digest is gone would be reported as a key. The private keys are kept by the library
 * alone, not as text.
 */
const SIGNER = `
const { createHash } = require('node:crypto');
const { readFileSync, rmSync } = require('node:fs');
const [library, ...curves] = process.argv.slice(1);
const { ec } = require(library);
globalThis.kept = curves.map((curve) => {
  const path = 'key-' + curve;
  const bytes = readFileSync(path);
  rmSync(path);
  const key = new ec(curve).keyFromPrivate(bytes);
  bytes.fill(0);
  key.getPublic();
  const digests = ['one', 'two', 'three'].map((text) => createHash('sha256').update(curve + text).digest());
  return { key, digests, signatures: digests.map((digest) => key.sign(digest)) };
});
gc();
gc();
console.log('ready');
setInterval(() => {}, 1000);
`;

/** The name of each curve here, in OpenSSL and in the library, and the octets of a scalar. */
export const ELLIPTIC_CURVES = [
  { curve: 'secp256k1', openssl: 'secp256k1', library: 'secp256k1', size: 32 },
  { curve: 'P-256', openssl: 'prime256v1', library: 'p256', size: 32 },
  { curve: 'P-384', openssl: 'secp384r1', library: 'p384', size: 48 },
  { curve: 'P-521', openssl: 'secp521r1', library: 'p521', size: 66 },
];

/** Has the library sign with the scalars, by its names of their curves; returns the path of the core. */
export async function dumpElliptic(
  folder: string,
  scalars: Readonly<Record<string, Buffer>>,
): Promise<string> {
  for (const [library, d] of Object.entries(scalars)) writePrivate(folder, `key-${library}`, d);
  const args = ['--expose-gc', '-e', SIGNER, ELLIPTIC, ...Object.keys(scalars)];
  const target = await startTarget(process.execPath, args, { cwd: folder, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}
