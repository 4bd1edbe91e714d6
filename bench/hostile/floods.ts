import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { SeededRandom } from '../../fixtures/random.js';
import { listRules } from '../../src/index.js';
import { primeFrom, rsaOf } from '../../test/search/seeded.js';
import {
  BASE62,
  BASE64,
  bytes,
  cycled,
  distinct,
  hex,
  randomFrom,
  repeated,
  seeded,
  text,
  wide,
  word,
} from './pieces.js';

/**
 * Inputs designed to be slow or to exhaust memory: one anchor repeated, near misses of secrets, and more
 * secrets than a report can list.
 */
export interface Flood {
  name: string;
  /** Whether any finding counts; undefined if that depends on the rule. */
  counts?: boolean;
  /** Bytes to write in sequence until the file is long enough. */
  pieces(): Iterable<Uint8Array>;
}

function base62(value: number): string {
  let digits = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) digits = BASE62[rest % 62] + digits;
  return digits.padStart(6, '0');
}

/** A token of GitHub's form with a valid or an invalid checksum. */
function token(random: () => number, right = true): string {
  const body = word(random, 30, BASE62);
  return `ghp_${body}${base62((crc32(body) ^ (right ? 0 : 1)) >>> 0)}`;
}

const tokens = (separator: string, right = true) => {
  const random = randomFrom(1);
  return cycled(distinct(() => token(random, right) + separator));
};

const ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** PKCS#8 (RFC 8410, 7) of an Ed25519 key: any 32 bytes are a seed. */
const ed25519 = (random: () => number): Buffer => Buffer.concat([ED25519, bytes(random, 32)]);

function pem(label: string, der: Uint8Array): string {
  const body = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

/** 32 RSA keys of 12 primes, repeated: generating millions would take days. */
const rsaKeys = (() => {
  let made: Buffer[] | undefined;
  return () => {
    made ??= productKeys();
    return made;
  };
})();

function productKeys(): Buffer[] {
  const random = new SeededRandom('rsa flood');
  const primes = (count: number) => Array.from({ length: count }, () => primeFrom(random, 1024));
  const [first, second] = [primes(8), primes(4)];
  return first.flatMap((p) =>
    second.map((q) => rsaOf([p, q]).export({ format: 'der', type: 'pkcs1' }) as Buffer),
  );
}

function jwk(random: () => number): string {
  const part = () => bytes(random, 32).toString('base64url');
  return `{"kty":"OKP","crv":"Ed25519","d":"${part()}"}`;
}

function jwt(random: () => number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'HS256', typ: 'JWT' });
  const body = part({ sub: word(random, 12, BASE62), exp: 1900000000 });
  return `${head}.${body}.${bytes(random, 32).toString('base64url')} `;
}

const BEGIN_RSA = `-----BEGIN RSA PRIV${'ATE'} KEY-----`;

export const floods: readonly Flood[] = [
  { name: 'BEGIN line repeated', counts: false, pieces: text(BEGIN_RSA) },
  { name: 'BEGIN line and newline repeated', counts: false, pieces: text(`${BEGIN_RSA}\n`) },
  { name: 'BEGIN line and base64 repeated', pieces: text(`${BEGIN_RSA}\nMIIEpAIBAAKCAQEA`) },
  { name: 'PRIVATE KEY----- repeated', counts: false, pieces: text(`PRIV${'ATE'} KEY-----`) },
  { name: '-----BEGIN repeated', counts: false, pieces: text('-----BEGIN ') },
  { name: 'END line after base64 repeated', pieces: text(`MIIEpAIBAAKCAQEA-----END PRIV${'ATE'} KEY-----`) },
  { name: 'near-miss of a BEGIN line repeated', counts: false, pieces: text(BEGIN_RSA.slice(0, -1)) },
  { name: 'ghp_ repeated', counts: false, pieces: text('ghp_') },
  { name: 'ghp_ repeated in UTF-16', counts: false, pieces: wide('ghp_') },
  {
    name: 'ghp_ and 35 characters repeated',
    counts: false,
    pieces: text('ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f.'),
  },
  { name: 'AKIA repeated', counts: false, pieces: text('AKIA') },
  { name: 'eyJhbGci repeated', counts: false, pieces: text('eyJhbGci') },
  { name: 'eyJhbGci before a dot', counts: false, pieces: text(`${'eyJhbGci'.repeat(1000)}.eyJhIjoxfQ`) },
  { name: '.eyJ repeated', counts: false, pieces: text('.eyJ') },
  { name: 'eyJhbGci.eyJ repeated', counts: false, pieces: text('eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ') },
  { name: '"kty" repeated', counts: false, pieces: text('"kty"') },
  { name: '{"kty":"oct","k":" repeated', pieces: text('{"kty":"oct","k":"') },
  { name: '"kty" between braces repeated', counts: false, pieces: text('{{[[{"kty":[{') },
  { name: '\\"kty\\" repeated', counts: false, pieces: text('\\"kty\\"') },
  { name: '"kty" repeated in UTF-16', counts: false, pieces: wide('"kty"') },
  { name: '02 01 00 02 82 repeated', counts: false, pieces: hex('02 01 00 02 82') },
  { name: '30 82 repeated', counts: false, pieces: hex('30 82') },
  { name: '30 82 and 02 01 00 02 82 repeated', counts: false, pieces: hex('30 82 04 a4 02 01 00 02 82') },
  {
    name: '30 repeated before 02 01 00 02 82',
    counts: false,
    pieces: hex(`${'30 80 '.repeat(32)}02 01 00 02 82`),
  },
  { name: '02 01 01 04 20 repeated', pieces: hex('02 01 01 04 20') },
  {
    name: 'rsaEncryption in a public key repeated',
    counts: false,
    pieces: hex('30 82 01 22 30 0d 06 09 2a 86 48 86 f7 0d 01 01 01 05 00 03 82'),
  },
  {
    name: 'prime256v1 in a public key repeated',
    counts: false,
    pieces: hex('06 08 2a 86 48 ce 3d 03 01 07 03 42 00'),
  },
  {
    name: 'front of a certificate repeated',
    counts: false,
    pieces: hex('30 82 04 00 30 82 03 00 a0 03 02 01 02 02 01 00 06 08 2a 86 48 ce 3d 03 01 07 03 42 00'),
  },
  { name: 'openssh-key-v1 repeated', counts: false, pieces: text('openssh-key-v1\0') },
  { name: 'openssh-key-v1 in base64 repeated', counts: false, pieces: text('b3BlbnNzaC1rZXktdjEA') },
  { name: 'MIIEpAIBAAKCAQEA repeated', counts: false, pieces: text('MIIEpAIBAAKCAQEA') },
  { name: 'MHcCAQEEI repeated', counts: false, pieces: text('MHcCAQEEI') },
  {
    name: 'signs and blanks beside a token',
    pieces: seeded((random) => `${':'.repeat(8192)}${' '.repeat(8192)}${jwt(random)}`),
  },
  {
    name: 'base64 lines of 64 KiB',
    counts: false,
    pieces: seeded((random) => `${word(random, 65_536, BASE64)}\n`),
  },
  {
    name: 'PEM with a body of 64 KiB lines',
    pieces: seeded((random) => `${BEGIN_RSA}\nMIIE${word(random, 65_532, BASE64)}\n`),
  },
  { name: 'all anchors in turn', pieces: allAnchors },
  { name: 'one valid token', counts: true, pieces: text(`${token(randomFrom(7))} `) },
  { name: 'one valid token in UTF-16', counts: true, pieces: wide(`${token(randomFrom(7))} `) },
  { name: 'distinct valid tokens', counts: true, pieces: tokens('\n') },
  { name: 'distinct valid tokens without a gap', counts: true, pieces: tokens('') },
  { name: 'distinct tokens with wrong checksums', counts: false, pieces: tokens('\n', false) },
  { name: 'distinct JWTs', counts: false, pieces: seeded(jwt) },
  {
    name: 'distinct JWTs without a gap',
    pieces: seeded((random) => jwt(random).trimEnd()),
  },
  {
    name: 'distinct Ed25519 keys in PEM',
    counts: true,
    pieces: seeded((random) => pem(`PRIV${'ATE'} KEY`, ed25519(random))),
  },
  { name: 'distinct Ed25519 keys in DER', counts: true, pieces: seeded(ed25519) },
  { name: 'distinct Ed25519 keys in JWK', counts: true, pieces: seeded(jwk) },
  {
    name: '32 RSA keys in PEM',
    counts: true,
    pieces: distinct((i) => pem(`RSA PRIV${'ATE'} KEY`, rsaKeys()[i % 32]!)),
  },
  { name: '32 RSA keys in DER', counts: true, pieces: distinct((i) => rsaKeys()[i % 32]!) },
  { name: 'RSA keys damaged at random in DER', pieces: damaged },
];

function* allAnchors(): Iterable<Uint8Array> {
  for (;;) yield anchors;
}

/** An RSA key with inconsistent parts: every proof runs and fails. */
function* damaged(): Iterable<Uint8Array> {
  const random = randomFrom(3);
  yield* distinct((i) => {
    const key = Buffer.from(rsaKeys()[i % 32]!);
    key.writeUInt32BE(random(), 300 + (random() % (key.length - 320)));
    return key;
  })();
}

/** Every anchor of every built-in rule in sequence. */
const anchors = Buffer.concat(
  (await listRules()).flatMap(({ anchors }) =>
    anchors.flatMap(({ bytes }) => [Buffer.from(bytes), Buffer.from(' ')]),
  ),
);

/** One flood per anchor of each built-in rule, and per wide form. */
export async function anchorFloods(): Promise<Flood[]> {
  const seen = new Set<string>();
  const rows: Flood[] = [];
  for (const { id, anchors } of await listRules())
    for (const { bytes, text: isText } of anchors) {
      const name = isText ? Buffer.from(bytes).toString('latin1') : Buffer.from(bytes).toString('hex');
      if (seen.has(name)) continue;
      seen.add(name);
      rows.push({ name: `${id}: ${name}`, pieces: repeated(bytes) });
      if (isText) rows.push({ name: `${id}: ${name} in UTF-16`, pieces: wide(name) });
    }
  return rows;
}

/** Writes exactly `size` bytes of a flood to a file. */
export function writeFlood(flood: Flood, path: string, size: number): void {
  const fd = openSync(path, 'w');
  try {
    let left = size;
    for (const piece of flood.pieces()) {
      const part = piece.subarray(0, Math.min(left, piece.length));
      for (let done = 0; done < part.length; ) done += writeSync(fd, part, done);
      left -= part.length;
      if (left === 0) return;
    }
  } finally {
    closeSync(fd);
  }
}
