import { DOMAINS } from '../../../src/core/asn1/domain.js';
import { bitsOf, toBigint } from '../../../src/core/base/bytes/integers.js';
import { gcore, startTarget } from '../../support/processes.js';
import { writePrivate } from '../../support/secrets.js';

/**
 * Holds numbers as JavaScript's big-integer libraries do: an array of digits, least significant first. The
 * file has the numbers of one key in a row, big-endian, of the lengths given as arguments, and is removed. No
 * BigInt and no text of them is ever made.
 */
const HOLDER = `
const { readFileSync, rmSync } = require('node:fs');
const [path, bits, kind, ...lengths] = process.argv.slice(1);
const bytes = readFileSync(path);
rmSync(path);
function digitsOf(from, to) {
  const digits = [];
  let digit = 0, filled = 0;
  for (let i = to - 1; i >= from; i--) {
    for (let bit = 0; bit < 8; bit++) {
      digit |= ((bytes[i] >> bit) & 1) << filled;
      if (++filled < Number(bits)) continue;
      digits.push(digit);
      digit = filled = 0;
    }
  }
  if (filled > 0) digits.push(digit);
  if (kind === 'double') {
    digits.push(0.5);
    digits.pop();
  }
  return digits;
}
let end = 0;
globalThis.key = lengths.map((length) => {
  const digits = digitsOf(end, (end += Number(length)));
  // The size that bn.js allocates for a number it reads.
  const array = new Array(digits.length + 1).fill(0);
  digits.forEach((digit, i) => (array[i] = digit));
  return kind === 'double' ? digits : array;
});
bytes.fill(0);
gc();
gc();
console.log('ready');
setInterval(() => {}, 1000);
`;

export const DIGIT_FORMS = [
  { encoding: 'v8-smi28', bits: 28, kind: 'small' },
  { encoding: 'v8-smi26', bits: 26, kind: 'small' },
  { encoding: 'v8-double28', bits: 28, kind: 'double' },
];

/** One key of a process that stores its numbers like this. */
export async function dumpDigits(
  folder: string,
  numbers: readonly Buffer[],
  bits: number,
  kind: string,
): Promise<string> {
  const path = writePrivate(folder, 'key', Buffer.concat(numbers));
  const lengths = numbers.map(({ length }) => String(length));
  const args = ['--expose-gc', '-e', HOLDER, path, String(bits), kind, ...lengths];
  const target = await startTarget(process.execPath, args, { cwd: folder, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}

export const DIGIT_CURVES = [
  { curve: 'P-256', openssl: 'prime256v1' },
  { curve: 'P-384', openssl: 'secp384r1' },
  { curve: 'P-521', openssl: 'secp521r1' },
];

/** A coordinate in the form of bn.js: Montgomery form for digits of 26 bits. */
export function inField(value: Buffer, curve: string): Buffer {
  const { p, size } = DOMAINS.find(({ name }) => name === curve)!;
  const element = (toBigint(value) << BigInt(Math.ceil(bitsOf(p) / 26) * 26)) % p;
  return Buffer.from(element.toString(16).padStart(2 * size, '0'), 'hex');
}
