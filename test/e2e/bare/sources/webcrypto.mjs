// Loads every key of the folder keys from its JWK into WebCrypto, signs with it, and keeps running.
import { readFileSync } from 'node:fs';

const algorithms = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  p256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  p384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  ed25519: { name: 'Ed25519' },
};

async function load(name) {
  const jwk = JSON.parse(readFileSync(`keys/${name}.jwk`, 'utf8'));
  const algorithm = algorithms[name];
  return { algorithm, key: await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['sign']) };
}

const keys = await Promise.all(process.argv.slice(2).map(load));
for (let i = 0; i < 3; i++)
  for (const { algorithm, key } of keys) await crypto.subtle.sign(algorithm, key, Buffer.from('message'));
globalThis.held = keys;
console.log('ready');
process.stdin.resume();
