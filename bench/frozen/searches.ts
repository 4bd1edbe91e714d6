import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
} from 'node:crypto';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { inverse } from '../../src/core/base/bytes/integers.js';
import { sshString } from '../../src/core/base/crypto/ssh-wire.js';
import { expandKey } from '../../src/search/secrets/aes/key-expansion.js';
import { capi } from '../../test/detect/windows-forms.js';
import { parts } from '../../test/search/harness.js';
import { heapOf, LAYOUTS, Memory } from '../../test/search/memory.js';
import { ecFrom, ed25519From, primeFrom, rsaFrom } from '../../test/search/seeded.js';
import { hmacContexts } from './hmac-contexts.js';

/** An image that holds a bare key, and further arguments of its scan. */
export interface Image {
  bytes: Buffer;
  /** The key of `--find`, where the search is for targets only. */
  find?: KeyObject;
  args?: readonly string[];
}

const le = LAYOUTS['limbs-le']!;
const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ format: 'der', type: 'spki' });
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const octets = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

type RsaPart = 'n' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi';

/** A key of 2,048 bits by seed, with each part in whole words. */
function rsa(seed: string): { key: KeyObject } & Record<RsaPart, Buffer> {
  const key = rsaFrom(seed, 2048);
  const all = parts(key) as Record<RsaPart, Buffer>;
  const whole = (name: RsaPart, length: number) => octets(number(all[name]), length);
  return {
    key,
    ...{ n: whole('n', 256), d: whole('d', 256), p: whole('p', 128), q: whole('q', 128) },
    ...{ dp: whole('dp', 128), dq: whole('dq', 128), qi: whole('qi', 128) },
  };
}

const heap = (seed: string, chunks: readonly Buffer[], noise = 4): Image => ({
  bytes: heapOf(`frozen ${seed}`, chunks, noise),
});

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function hmacToken(key: Buffer): { token: Buffer; signed: Buffer } {
  const signed = Buffer.from(`${base64({ alg: 'HS256', typ: 'JWT' })}.${base64({ sub: 'frozen', n: 1 })}`);
  const signature = createHmac('sha256', key).update(signed).digest('base64url');
  return { token: Buffer.from(`Bearer ${signed}.${signature}\0`), signed };
}

/** An ECDSA signature of P-256 by a nonce from the seed: r, s and the digest. */
function ecdsa(seed: string, message: Buffer) {
  const { n } = DOMAINS.find(({ name }) => name === 'P-256')!;
  const [signer, nonce] = ['key', 'nonce'].map((what) =>
    ecFrom(`${seed} ${what}`, 'P-256', 'prime256v1', 32),
  ) as [ReturnType<typeof ecFrom>, ReturnType<typeof ecFrom>];
  const h = createHash('sha256').update(message).digest();
  const r = number(nonce.x) % n;
  const s = (inverse(number(nonce.d), n)! * (number(h) + r * number(signer.d))) % n;
  return { signer, nonce, r: octets(r, 32), s: octets(s, 32), h };
}

/** The first words of a number, overwritten as by an allocator. */
function overwritten(value: Buffer, at: readonly number[]): Buffer {
  const stored = le(value);
  for (const word of at) stored.writeBigUInt64LE(0x7f12_3456_7890n, word * 8);
  return stored;
}

/** A key of Ed448 (RFC 8410). */
function ed448(seed: string): { d: Buffer; key: KeyObject } {
  const d = new SeededRandom(seed).bytes(57);
  const pkcs8 = Buffer.concat([Buffer.from('3047020100300506032b6571043b0439', 'hex'), d]);
  return { d, key: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }) };
}

/** A key that OpenSSH shields, and its prekey (sshkey_shield_private). */
function shielded(key: KeyObject): Buffer {
  const { d, x } = parts(key) as Record<'d' | 'x', Buffer>;
  const plain = Buffer.concat([sshString('ssh-ed25519'), sshString(x), sshString(Buffer.concat([d, x]))]);
  const padding = Buffer.from(Array.from({ length: (16 - (plain.length % 16)) % 16 }, (_, i) => i + 1));
  const prekey = new SeededRandom('frozen prekey').bytes(16_384);
  const hash = createHash('sha512').update(prekey).digest();
  const cipher = createCipheriv('aes-256-ctr', hash.subarray(0, 32), hash.subarray(32, 48));
  const memory = new Memory();
  memory.filler(1024);
  memory.chunk(Buffer.concat([cipher.update(plain), cipher.update(padding), cipher.final()]));
  memory.filler(8192);
  return Buffer.concat([memory.bytes(), prekey, Buffer.alloc(64)]);
}

/** An image for each search, named by its identifier in src/core/limits/searches.ts. */
export const IMAGES: Readonly<Record<string, () => Image>> = {
  'rsa-two-primes'() {
    const { p, q, n } = rsa('two primes');
    return heap('two primes', [p, q, n].map(le));
  },
  'rsa-adjacent-npq'() {
    return heap('adjacent', [capi(rsaFrom('adjacent', 2048)).subarray(20)]);
  },
  'rsa-known-primes'() {
    const { key, p } = rsa('known primes');
    return heap('known primes', [le(p), spki(key)]);
  },
  'rsa-known-d'() {
    const { key, d } = rsa('known d');
    return heap('known d', [le(d), spki(key)]);
  },
  'rsa-known-crt'() {
    const { key, dp } = rsa('known crt');
    return heap('known crt', [le(dp), spki(key)]);
  },
  'rsa-known-montgomery'() {
    const { key, p } = rsa('known montgomery');
    const square = (1n << 2048n) % number(p);
    return heap('known montgomery', [le(octets(square, 128)), spki(key)]);
  },
  'rsa-prime-gaps'() {
    const { key, p, q } = rsa('gaps');
    const chunks = [overwritten(p, [4, 5, 6, 10]), overwritten(q, [7, 11])];
    return { ...heap('gaps', chunks), find: createPublicKey(key) };
  },
  'rsa-prime-parts'() {
    const { key, p } = rsa('parts');
    const memory = new Memory();
    memory.filler(1024);
    memory.noise(new SeededRandom('frozen parts'), 4, 14);
    memory.chunk(overwritten(p, [0, 1]));
    memory.filler(512);
    return { bytes: memory.bytes(), find: createPublicKey(key) };
  },
  'rsa-n-and-prime'() {
    const { n, p, q, dp, dq, qi } = rsa('n and prime');
    const slab = Array.from({ length: 7 }, () => [p, q, dp, dq, qi].map(le)).flat();
    const memory = new Memory();
    memory.filler(1024);
    memory.chunk(Buffer.concat(slab));
    memory.noise(new SeededRandom('frozen n and prime'), 12, 32);
    memory.filler(512);
    memory.chunk(le(n));
    return { bytes: memory.bytes() };
  },
  'rsa-many-primes'() {
    const random = new SeededRandom('frozen many primes');
    const primes = [683, 683, 682].map((bits) => primeFrom(random, bits));
    const n = primes.reduce((all, prime) => all * prime, 1n);
    const numbers = [octets(n, 256), ...primes.map((prime) => octets(prime, 88))];
    return heap('many primes', numbers.map(le));
  },
  'rsa-n-and-d'() {
    const { n, d } = rsa('n and d');
    return heap('n and d', [n, d].map(le));
  },
  'rsa-crt-parts'() {
    const { p, q, dp, dq, qi } = rsa('crt parts');
    return heap('crt parts', [Buffer.concat([p, q, dp, dq, qi])]);
  },
  'ec-scalars'() {
    const { d, x, y } = ecFrom('frozen scalars', 'P-256', 'prime256v1', 32);
    return heap('scalars', [d, x, y].map(le));
  },
  'ec-trailing-scalars'() {
    const { key, d, x, y } = ecFrom('frozen trailing', 'P-256', 'prime256v1', 32);
    return heap('trailing', [Buffer.concat([x, y, d]).subarray(8), spki(key)]);
  },
  'ecdsa-nonces'() {
    const { signer, nonce, r, s, h } = ecdsa('nonces', Buffer.from('what was signed'));
    const point = Buffer.concat([Buffer.of(4), signer.x, signer.y]);
    return heap('nonces', [le(nonce.d), Buffer.concat([r, s]), h, point]);
  },
  'ecdsa-nonces, in doubt'() {
    const { nonce, r, s } = ecdsa('doubt', Buffer.from('signed elsewhere'));
    return heap('doubt', [...[nonce.d, nonce.x, nonce.y].map(le), Buffer.concat([r, s])]);
  },
  curve25519() {
    const { d, x } = parts(ed25519From('frozen'));
    return heap('curve25519', [d!, x!]);
  },
  curve448() {
    const { d, key } = ed448('frozen curve448');
    return heap('curve448', [d, spki(key)]);
  },
  'rare-curves'() {
    const { key, d } = ecFrom('frozen rare', 'P-224', 'secp224r1', 28);
    return heap('rare', [le(d), spki(key)]);
  },
  'openssh-shielded'() {
    return { bytes: shielded(ed25519From('frozen shielded')) };
  },
  'hmac-secrets'() {
    const key = new SeededRandom('frozen hmac').bytes(32);
    return heap('hmac', [key, hmacToken(key).token]);
  },
  'hmac-states'() {
    const key = new SeededRandom('frozen states').bytes(48);
    return heap('states', [...hmacContexts(key), hmacToken(key).token]);
  },
  'aes-schedules'() {
    const schedule = expandKey(new SeededRandom('frozen aes').bytes(16), 44);
    return { ...heap('aes', [schedule]), args: ['--with', 'aes-key-schedule'] };
  },
};
