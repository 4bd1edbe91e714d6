import type { KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { DOMAINS } from '../../src/asn1/domain.js';
import { canonicalSpki, sha256Hex } from '../../src/asn1/spki.js';
import { bitsOf, toBigint } from '../../src/base/bytes/integers.js';
import { parts, spkiOf } from '../search/harness.js';
import { ecFrom, rsaFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget } from '../support/processes.js';
import { writePrivate } from '../support/secrets.js';

/**
 * Holds numbers as JavaScript's big-integer libraries do: an array of digits, least significant first. The file has numbers of one key
 * behind one another, big-endian, of the lengths that are given, and is wiped. No BigInt and no text of them is ever made.
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
  // As bn.js makes room for a number that it reads.
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

const FORMS = [
  { encoding: 'v8-smi28', bits: 28, kind: 'small' },
  { encoding: 'v8-smi26', bits: 26, kind: 'small' },
  { encoding: 'v8-double28', bits: 28, kind: 'double' },
];

/** One key of a process that holds its numbers so. */
async function dumpHolder(
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

const CURVES = [
  { curve: 'P-256', openssl: 'prime256v1' },
  { curve: 'P-384', openssl: 'secp384r1' },
  { curve: 'P-521', openssl: 'secp521r1' },
];

async function expectFound(core: string, key: KeyObject, encoding: string, statement: string): Promise<void> {
  const { report } = await scanJson([core]);
  const found = report.findings.filter(({ ruleId }) => ruleId === 'private-key-number');
  expect(found).toHaveLength(1);
  const { proof, occurrences } = found[0]!;
  expect(proof).toContain(statement);
  const spki = Buffer.from(spkiOf(key), 'base64');
  expect(JSON.stringify(found[0])).toContain(sha256Hex(canonicalSpki(spki)));
  expect(occurrences.map((each) => each.encoding)).toContain(encoding);
}

describeWith(['gdb'], 'a core of a program with big integers in JavaScript', () => {
  test.each(FORMS)(
    'gives a key that stands as $encoding alone',
    async ({ encoding, bits, kind }) => {
      await withTempDir(async (folder) => {
        const key = rsaFrom(`v8 ${encoding}`, 2048);
        const { n, p, q } = parts(key);
        await expectFound(await dumpHolder(folder, [n!, p!, q!], bits, kind), key, encoding, 'n = p*q');
      });
    },
    120_000,
  );

  test.each(CURVES)(
    'gives a key on $curve that stands in digits alone, its point as bn.js has it',
    async ({ curve, openssl }) => {
      await withTempDir(async (folder) => {
        const { p, size } = DOMAINS.find(({ name }) => name === curve)!;
        const { key, d, x, y } = ecFrom('v8', curve, openssl, size);
        const inField = (value: Buffer) => {
          const element = (toBigint(value) << BigInt(Math.ceil(bitsOf(p) / 26) * 26)) % p;
          return Buffer.from(element.toString(16).padStart(2 * size, '0'), 'hex');
        };
        const core = await dumpHolder(folder, [d, inField(x), inField(y)], 26, 'small');
        await expectFound(core, key, 'v8-smi26', 'd*G = Q');
      });
    },
    120_000,
  );
});
