import type { KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { canonicalSpki, sha256Hex } from '../../src/asn1/spki.js';
import { parts, spkiOf } from '../numbers/harness.js';
import { rsaFrom } from '../numbers/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget } from '../support/processes.js';
import { writePrivate } from '../support/secrets.js';

/**
 * Holds numbers as JavaScript's big-integer libraries do: an array of digits, least significant first. The file has n, p and q of one key
 * behind one another, big-endian, and is wiped. No BigInt and no text of them is ever made.
 */
const HOLDER = `
const { readFileSync, rmSync } = require('node:fs');
const [path, bits, kind] = process.argv.slice(1);
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
const size = bytes.length / 4;
globalThis.key = { n: digitsOf(0, 2 * size), p: digitsOf(2 * size, 3 * size), q: digitsOf(3 * size, 4 * size) };
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

async function dumpHolder(folder: string, key: KeyObject, bits: number, kind: string): Promise<string> {
  const { n, p, q } = parts(key);
  const path = writePrivate(folder, 'key', Buffer.concat([n!, p!, q!]));
  const args = ['--expose-gc', '-e', HOLDER, path, String(bits), kind];
  const target = await startTarget(process.execPath, args, { cwd: folder, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}

describeWith(['gdb'], 'a core of a program with big integers in JavaScript', () => {
  test.each(FORMS)(
    'gives a key that stands as $encoding alone',
    async ({ encoding, bits, kind }) => {
      await withTempDir(async (folder) => {
        const key = rsaFrom(`v8 ${encoding}`, 2048);
        const core = await dumpHolder(folder, key, bits, kind);
        const { report } = await scanJson([core]);
        const found = report.findings.filter(({ ruleId }) => ruleId === 'private-key-number');
        expect(found).toHaveLength(1);
        const { proof, occurrences } = found[0]!;
        expect(proof).toContain('n = p*q');
        const spki = Buffer.from(spkiOf(key), 'base64');
        expect(JSON.stringify(found[0])).toContain(sha256Hex(canonicalSpki(spki)));
        expect(occurrences.map((each) => each.encoding)).toContain(encoding);
      });
    },
    120_000,
  );
});
