// Keeps the members of every key's JWK as separate strings, like database rows of a key store, and runs on.
import { readFileSync } from 'node:fs';

const held = process.argv.slice(2).map((name) => {
  const members = new Map(Object.entries(JSON.parse(readFileSync(`keys/${name}.jwk`, 'utf8'))));
  // Strings from JSON.parse may be slices of its text; flat copies are not.
  return [...members].map(([member, value]) => [member, Buffer.from(value, 'latin1').toString('latin1')]);
});
globalThis.held = held;
globalThis.gc?.();
console.log('ready');
process.stdin.resume();
