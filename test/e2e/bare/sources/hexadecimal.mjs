// Keeps every key as two hexadecimal strings, as settings and wallets do, and stays.
import { readFileSync } from 'node:fs';

const held = process.argv.slice(2).map((name) => {
  const halves = readFileSync(`keys/${name}.hex`, 'latin1').split('\n');
  // Parts of a string may be slices of it: flat copies are not.
  return halves.map((half) => Buffer.from(half, 'latin1').toString('latin1'));
});
globalThis.held = held;
globalThis.gc?.();
console.log('ready');
process.stdin.resume();
