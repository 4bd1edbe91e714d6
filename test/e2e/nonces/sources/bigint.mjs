// Textbook ECDSA over BigInt: KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures as integers.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';

const CURVES = {
  secp256k1: [
    0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    0n,
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
    0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
  ],
  'P-256': [
    0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    -3n,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  ],
  'P-384': [
    2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    -3n,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  ],
};
const [path, name, count, written] = process.argv.slice(2);
const [p, a, n, ...generator] = CURVES[name];
const size = name === 'P-384' ? 48 : 32;
const mod = (value, m) => ((value % m) + m) % m;

function inverse(value, m) {
  let [u, v, x, y] = [mod(value, m), m, 1n, 0n];
  while (v !== 0n) [u, v, x, y] = [v, u % v, y, x - (u / v) * y];
  return mod(x, m);
}

function add(one, two) {
  if (!one || !two) return one ?? two;
  const [[x1, y1], [x2, y2]] = [one, two];
  const slope = x1 === x2 ? (3n * x1 * x1 + a) * inverse(2n * y1, p) : (y2 - y1) * inverse(x2 - x1, p);
  const x = mod(slope * slope - x1 - x2, p);
  return [x, mod(slope * (x1 - x) - y1, p)];
}

function multiply(scalar) {
  let [sum, next] = [undefined, generator];
  for (let k = scalar; k > 0n; k >>= 1n) {
    if (k & 1n) sum = add(sum, next);
    next = add(next, next);
  }
  return sum;
}

const toNumber = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const fill = (value) => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
const bytes = readFileSync(path);
rmSync(path);
const d = toNumber(bytes);
bytes.fill(0);
const point = multiply(d);
const signatures = [];
for (let i = 0; i < Number(count); i++) {
  const hash = createHash(size === 48 ? 'sha384' : 'sha256')
    .update(`message ${i}`)
    .digest();
  const k = mod(toNumber(randomBytes(size)), n);
  const r = mod(multiply(k)[0], n);
  signatures.push([r, mod(inverse(k, n) * (toNumber(hash) + r * d), n)]);
}
globalThis.kept = { d, point, signatures };
if (written === '1') kept.octets = Buffer.concat([Buffer.of(4), ...point.map(fill)]);
gc();
console.log('ready');
setInterval(() => {}, 1000);
