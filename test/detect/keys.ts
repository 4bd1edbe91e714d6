import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Fresh keys of every kind, with the DER structures that node:crypto or openssl writes for them. */

export interface Generated {
  name: string;
  key: KeyObject;
  /** DER by encoding name. */
  forms: Record<string, Buffer>;
}

export const jwkOf = (key: KeyObject): Record<string, string> =>
  key.export({ format: 'jwk' }) as Record<string, string>;
const der = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1'): Buffer =>
  Buffer.from(key.export({ format: 'der', type }) as Buffer);

export function openssl(args: string[], input?: Buffer): Buffer | undefined {
  try {
    return execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** Runs `use` with the path of a temporary file of `bytes`. */
function withFile<T>(bytes: Uint8Array, use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-'));
  try {
    const path = join(folder, 'input');
    writeFileSync(path, bytes, { mode: 0o600 });
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A self-signed certificate in PEM. */
export const certificateOf = (pem: string): Buffer | undefined =>
  withFile(Buffer.from(pem), (path) => openssl(['req', '-x509', '-key', path, '-subj', '/CN=test']));

export const rsaKey = (bits: number, name = `RSA-${bits}`): Generated => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return {
    name,
    key: privateKey,
    forms: { pkcs1: der(privateKey, 'pkcs1'), pkcs8: der(privateKey, 'pkcs8') },
  };
};

const ecKey = (curve: string): Generated => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    name: curve,
    key: privateKey,
    forms: { sec1: der(privateKey, 'sec1'), pkcs8: der(privateKey, 'pkcs8') },
  };
};

const okpKey = (type: 'ed25519' | 'ed448' | 'x25519' | 'x448'): Generated => {
  const { privateKey } = generateKeyPairSync(type as 'ed25519');
  return { name: type, key: privateKey, forms: { pkcs8: der(privateKey, 'pkcs8') } };
};

const brainpools = [160, 192, 224, 256, 320, 384, 512].flatMap((bits) =>
  ['r1', 't1'].map((kind) => `brainpoolP${bits}${kind}`),
);

const pss: Generated = (() => {
  const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
  return { name: 'RSA-PSS', key: privateKey, forms: { pkcs8: der(privateKey, 'pkcs8') } };
})();

const dsa: Generated = (() => {
  const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const pkcs8 = der(privateKey, 'pkcs8');
  const traditional = openssl(['dsa', '-inform', 'DER', '-outform', 'DER'], pkcs8);
  return {
    name: 'DSA',
    key: privateKey,
    forms: { pkcs8, ...(traditional && traditional[0] === 0x30 ? { dsa: traditional } : {}) },
  };
})();

/** Multi-prime keys need openssl. */
const multiPrime: Generated[] = (() => {
  const options = [
    '-algorithm',
    'RSA',
    '-pkeyopt',
    'rsa_keygen_bits:2048',
    '-pkeyopt',
    'rsa_keygen_primes:3',
  ];
  const pem = openssl(['genpkey', ...options]);
  const pkcs8 = pem && openssl(['pkcs8', '-topk8', '-nocrypt', '-outform', 'DER'], pem);
  const pkcs1 = pem && openssl(['rsa', '-traditional', '-outform', 'DER'], pem);
  if (pkcs8 === undefined || pkcs1 === undefined) return [];
  return [{ name: 'RSA with three primes', key: createPrivateKey(pem!), forms: { pkcs1, pkcs8 } }];
})();

const rsa2048 = rsaKey(2048);
export const rsa: KeyObject = rsa2048.key;

export const keys: Generated[] = [
  rsaKey(1024),
  rsa2048,
  pss,
  ...multiPrime,
  ...['P-256', 'P-384', 'P-521', 'secp256k1', ...brainpools].map(ecKey),
  ...(['ed25519', 'ed448', 'x25519', 'x448'] as const).map(okpKey),
  dsa,
];
