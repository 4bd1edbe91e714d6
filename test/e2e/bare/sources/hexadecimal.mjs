// Keeps every key as two hexadecimal strings, like settings and wallets, and keeps running.
import { readFileSync } from 'node:fs';

const held = process.argv.slice(2).map((name) => {
  const halves = readFileSync(`keys/${name}.hex`, 'latin1').split('\n');
  // Substrings may be slices of the whole string; flat copies are not.
  return halves.map((half) => Buffer.from(half, 'latin1').toString('latin1'));
});
globalThis.held = held;
globalThis.gc?.();
console.log('ready');
process.stdin.resume();
