// Loads every key of the folder keys as a KeyObject, signs with it, and keeps running.
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const keys = process.argv.slice(2).map((name) => createPrivateKey(readFileSync(`keys/${name}.pem`)));
for (let i = 0; i < 3; i++)
  for (const key of keys)
    sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from('message'), key);
globalThis.held = keys;
console.log('ready');
process.stdin.resume();
