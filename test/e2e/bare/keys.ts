import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject, type RSAKeyPairOptions } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSshEd25519 } from '../../../fixtures/openssh.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { program } from '../../support/programs.js';
import { writePrivate } from '../../support/secrets.js';

/**
 * Generated as PEM and parsed again: a generated KeyObject shares a lock with its job, and Node 20 deadlocks
 * if it is exported while that job is garbage-collected.
 */
function fresh(
  type: 'rsa' | 'ec' | 'ed25519',
  options: { modulusLength?: number; namedCurve?: string } = {},
) {
  const encodings = {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  };
  const all = { ...options, ...encodings } as RSAKeyPairOptions<'pem', 'pem'>;
  return createPrivateKey(generateKeyPairSync(type as 'rsa', all).privateKey);
}

const generators = {
  rsa: () => fresh('rsa', { modulusLength: 2048 }),
  p256: () => fresh('ec', { namedCurve: 'P-256' }),
  p384: () => fresh('ec', { namedCurve: 'P-384' }),
  bp320: () => fresh('ec', { namedCurve: 'brainpoolP320r1' }),
  bp512: () => fresh('ec', { namedCurve: 'brainpoolP512r1' }),
  ed25519: () => fresh('ed25519'),
};
export type KeyName = keyof typeof generators;

/** Keys by name; their files in the folder `keys` have the same names. */
export type Keys = Partial<Record<KeyName, KeyObject>>;

export function freshKeys(names: readonly KeyName[]): Keys {
  return Object.fromEntries(names.map((name) => [name, generators[name]()]));
}

type Written = Record<string, string | Uint8Array>;

function jwkOf(key: KeyObject): Record<string, string> {
  return key.export({ format: 'jwk' }) as Record<string, string>;
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const derOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' });

/** libgcrypt's S-expressions: u is p^-1 mod q, so p and q are swapped compared with PKCS#1. */
function sexpOf(name: KeyName, key: KeyObject): string {
  const jwk = jwkOf(key);
  const hex = (member: string) => `#00${Buffer.from(jwk[member]!, 'base64url').toString('hex')}#`;
  if (name === 'rsa')
    return (
      `(private-key (rsa (n ${hex('n')})(e ${hex('e')})(d ${hex('d')})` +
      `(p ${hex('q')})(q ${hex('p')})(u ${hex('qi')})))`
    );
  const bare = (member: string) => Buffer.from(jwk[member]!, 'base64url').toString('hex');
  return name === 'ed25519'
    ? `(private-key (ecc (curve Ed25519)(flags eddsa)(q #40${bare('x')}#)(d #${bare('d')}#)))`
    : `(private-key (ecc (curve "NIST P-${jwk.crv!.slice(2)}")` +
        `(q #04${bare('x')}${bare('y')}#)(d ${hex('d')})))`;
}

function halvesOf(key: KeyObject): string[] {
  const { d, x, y } = jwkOf(key);
  const [scalar, first, second] = [d!, x!, y ?? ''].map((member) =>
    Buffer.from(member, 'base64url').toString('hex'),
  );
  return [scalar!, y === undefined ? first! : `04${first}${second}`];
}

/** The form of ssh-keygen, except for RSA and EC keys, which every OpenSSH also reads as PKCS#8. */
function opensshOf(key: KeyObject): string {
  return key.asymmetricKeyType === 'ed25519'
    ? openSshEd25519(key, new SeededRandom('check').bytes(4).readUInt32BE(), 'e2e')
    : pemOf(key);
}

function certificate(folder: string, name: string): string {
  const key = join(folder, `${name}.pem`);
  const args = ['req', '-x509', '-new', '-key', key, '-subj', `/CN=${name}.example`, '-days', '2'];
  return execFileSync(program('openssl'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Files by the suffixes of their names. */
const forms = {
  pem: (key) => ({ pem: pemOf(key) }),
  der: (key) => ({ der: derOf(key) }),
  jwk: (key) => ({ jwk: JSON.stringify(jwkOf(key)) }),
  /** For a curve: the private half in hexadecimal digits, and the public half. */
  hex: (key) => ({ hex: halvesOf(key).join('\n') }),
  /** PKCS#1 and SEC 1, for programs without PKCS#8. */
  traditional: (key, name): Written => {
    if (name === 'ed25519') return {};
    const type = name === 'rsa' ? 'pkcs1' : 'sec1';
    return { [type]: key.export({ type: type as 'pkcs1', format: 'der' }) };
  },
  /** One file per integer. */
  integers: (key) =>
    Object.fromEntries(
      Object.entries(jwkOf(key))
        .filter(([member]) => member !== 'kty')
        .map(([member, text]) => [member, Buffer.from(text, 'base64url')]),
    ),
  sexp: (key, name) => ({ sexp: sexpOf(name, key) }),
  openssh: (key) => ({ ssh: opensshOf(key) }),
  certificate: (key, name, folder) => {
    writePrivate(folder, `${name}.pem`, pemOf(key));
    return { crt: certificate(folder, name) };
  },
  bundle: (key, name, folder) => ({
    bundle: `${readFileSync(join(folder, `${name}.crt`), 'utf8')}${pemOf(key)}`,
  }),
} satisfies Record<string, (key: KeyObject, name: KeyName, folder: string) => Written>;
export type Form = keyof typeof forms;

/** Writes each key in each form into the folder `keys`; returns that folder. */
export function writeKeys(folder: string, keys: Keys, wanted: readonly Form[]): string {
  const place = join(folder, 'keys');
  mkdirSync(place, { mode: 0o700 });
  for (const [name, key] of Object.entries(keys) as [KeyName, KeyObject][])
    for (const form of wanted)
      for (const [end, contents] of Object.entries(forms[form](key, name, place) as Written))
        writePrivate(place, `${name}.${end}`, contents);
  return place;
}
