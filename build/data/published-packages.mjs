/**
 * Writes published-packages.txt, the identities of keys and tokens in the sources of packages:
 * `node build/data/published-packages.mjs 'NAME=FOLDER' …` scans each folder, an unpacked source package of
 * Debian or npm, with dumpsieve itself and replaces what the file has of that name. The file holds no key:
 * only the first half of each finding's fingerprint (docs/report.md): of SHA-256 over a private key's
 * SubjectPublicKeyInfo, of HMAC-SHA-256 over a token or symmetric key, also over a named value that could be
 * guessed: it is public.
 */
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, createPublicKey } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OUT = new URL('../../src/prove/published-packages.txt', import.meta.url);
const PROGRAM = fileURLToPath(new URL('../../bin/dumpsieve.js', import.meta.url));
const DIGITS = 32;

const JWT_IO = 'jwt.io (its examples)';

/** Its keys, by their public halves. */
const JWT_IO_KEYS = [
  [
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onL',
    'Rnrq0/IzW7yWR7QkrmBL7jTKEn5u+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGEl',
    'vW/VDL5AaWTg0nLVkjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwx',
    'XFg0x/XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmwIDAQAB',
  ],
  [
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageE',
    'HWwHdBO6B+dFabmdT9POxg==',
  ],
  [
    'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEC1uWSXj2czCDwMTLWV5BFmwxdM6PX9p+Pk9Yf9rIf374m5XP1U8q79dBhLSIuaojsvOT',
    '39UUcPJROSD1FqYLued0rXiooIii1D3jaW6pmGVJFhodzC31cy5sfOYotrzF',
  ],
  [
    'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBgc4HZz+/fBbC7lmEww0AO3NK9wVZPDZ0VEnsaUFLEYpTzb90nITtJUcPUbvOsdZI',
    'Z1Q8fnbquAYgxXL5UgHMoywAib476MkyyYgPk0BXZq3mq4zImTRNuaU9slj9TVJ3ScT3L1bXwVuPJDzpr5GOFpaj+WwMAl8G7Cqw',
    'oJOsW7Kddns=',
  ],
];

/** Its examples with a message authentication code: every header, payload and secret that it had. */
const JWT_IO_HEADERS = [256, 384, 512].map((bits) => [`sha${bits}`, `{"alg":"HS${bits}","typ":"JWT"}`]);
const JWT_IO_PAYLOADS = [
  '{"sub":"1234567890","name":"John Doe","iat":1516239022}',
  '{"sub":"1234567890","name":"John Doe","admin":true}',
  '{"sub":"1234567890","name":"John Doe","admin":true,"iat":1516239022}',
];
const JWT_IO_SECRETS = [
  ...['secret', 'your-256-bit-secret', 'your-384-bit-secret', 'your-512-bit-secret'],
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-384-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
];

/** As in prove/fingerprint.ts. */
const keyed = (text) => createHmac('sha256', 'dumpsieve fingerprint v1').update(text).digest('hex');
const base64url = (text) => Buffer.from(text).toString('base64url');

function* jwtIoTokens() {
  for (const [hash, header] of JWT_IO_HEADERS)
    for (const payload of JWT_IO_PAYLOADS)
      for (const secret of JWT_IO_SECRETS) {
        const signed = `${base64url(header)}.${base64url(payload)}`;
        yield `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
      }
}

function jwtIo() {
  const keys = JWT_IO_KEYS.map((lines) => Buffer.from(lines.join(''), 'base64'));
  for (const der of keys) createPublicKey({ key: der, format: 'der', type: 'spki' });
  return [
    ...keys.map((der) => createHash('sha256').update(der).digest('hex')),
    ...[...jwtIoTokens()].map(keyed),
  ];
}

/** Values with a name beside them, at any confidence; placeholders are known without a list. */
const NAMED = /^(named-secret|service):/;
const isNamed = ({ ruleId, notes }) =>
  NAMED.test(ruleId) && !notes.some((note) => note.startsWith('looks like a placeholder'));

/** The identity of a named value in a file that was not packed. */
function identityOf({ fingerprint, location: { path, offset, length } }) {
  if (!existsSync(path)) return fingerprint?.slice('v1:'.length);
  const value = Buffer.alloc(length);
  const file = openSync(path, 'r');
  readSync(file, value, 0, length, offset);
  closeSync(file);
  return keyed(Buffer.from(value.filter((byte) => byte !== 0)));
}

/**
 * Secrets that cannot be guessed and that count by default: encrypted keys and passwords do not. RSA and DSA
 * keys of the list are not tested for primes again, so they must be proven.
 */
const isPublished = ({ kind, confidence, ruleId, fingerprint, key }) =>
  fingerprint !== null &&
  !NAMED.test(ruleId) &&
  (kind === 'private-key'
    ? confidence === 'proven' || (confidence === 'high' && !/^(RSA|DSA)/.test(key?.algorithm))
    : kind === 'token' ||
      (kind === 'credential' && !/\bpassword|passphrase|credentials/.test(ruleId)) ||
      (kind === 'symmetric-key' && /^(private-key-jwk|signing-secret-number)$/.test(ruleId)));

/** A secret of documentation at a token that it signs: the token is published, too. */
const isSigned = ({ ruleId, key }) => ruleId === 'signing-secret-number' && key?.encoding === 'jwt';

function inFolder(folder) {
  const argv = [PROGRAM, 'scan', folder, '--format', 'json', '--exit-zero', '--no-progress'];
  const options = { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] };
  let output;
  try {
    output = execFileSync(process.execPath, argv, options);
  } catch (error) {
    // Files that cannot be unpacked give exit status 2, and a report of all others.
    output = error.stdout;
  }
  const { findings } = JSON.parse(output);
  return [
    ...findings.filter(isPublished).map(({ fingerprint }) => fingerprint.slice('v1:'.length)),
    ...findings.filter((finding) => isNamed(finding) || isSigned(finding)).map(identityOf),
  ].filter((identity) => identity !== undefined);
}

function read() {
  const packages = new Map();
  let name = '';
  for (const line of existsSync(OUT) ? readFileSync(OUT, 'utf8').split('\n') : [])
    if (line.startsWith('= ')) {
      name = line.slice(2);
      packages.set(name, []);
    } else if (line.length === DIGITS) packages.get(name).push(line);
  return packages;
}

const packages = read();
packages.set(JWT_IO, jwtIo());
for (const argument of process.argv.slice(2)) {
  const [name, folder] = argument.split('=');
  packages.set(name, inFolder(folder));
  console.log(`${name}: ${packages.get(name).length}`);
}

const seen = new Set();
const lines = [];
// Packages quote the examples of jwt.io.
const names = [JWT_IO, ...[...packages.keys()].filter((name) => name !== JWT_IO).sort()];
for (const name of names) {
  const fresh = packages
    .get(name)
    .map((hex) => hex.slice(0, DIGITS))
    .filter((hex) => !seen.has(hex));
  for (const hex of fresh) seen.add(hex);
  const own = [...new Set(fresh)].sort();
  if (own.length > 0) lines.push(`= ${name}`, ...own);
}
writeFileSync(OUT, `${lines.join('\n')}\n`);
console.log(`${seen.size} identities`);
