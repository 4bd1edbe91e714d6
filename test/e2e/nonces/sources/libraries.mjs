// Signs with a library: KEYFILE CURVE COUNT WRITTEN and the path of elliptic or of noble's curve.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';

const [path, curve, count, written, library] = process.argv.slice(2);
const module = await import(library);
const bytes = readFileSync(path);
rmSync(path);
const NAMES = { secp256k1: 'secp256k1', 'P-256': 'p256', 'P-384': 'p384', Ed25519: 'ed25519' };
const name = NAMES[curve];
const messages = Array.from({ length: Number(count) }, (_, i) => Buffer.from(`message ${i}`));
const hex = (octets) => Buffer.from(octets).toString('hex');
const hash = (message) => createHash('sha256').update(message).digest();
if (library.includes('elliptic')) {
  const key = new module.default.ec(name).keyFromPrivate(bytes);
  bytes.fill(0);
  const point = key.getPublic();
  const signatures = messages.map((message) => key.sign(hash(message)));
  globalThis.kept = { key, signatures };
  if (written === '1') kept.octets = Buffer.from(point.encode('array', false));
} else {
  const secret = new Uint8Array(bytes);
  bytes.fill(0);
  const signer = module[name];
  const signatures = messages.map((message) => signer.sign(message, secret));
  globalThis.kept = { secret, signatures };
  if (curve !== 'Ed25519') kept.point = signer.Point.BASE.multiply(BigInt(`0x${hex(secret)}`)).toAffine();
  if (written === '1') kept.octets = signer.getPublicKey(secret, false);
}
gc();
console.log('ready');
setInterval(() => {}, 1000);
