import { execFileSync } from 'node:child_process';
import { createECDH } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { scan } from '../../src/api/scan.js';
import { CONSTANT_DOMAINS } from '../../src/core/asn1/curve-constants.js';
import { withTempDir } from '../support/folder.js';

/**
 * The table of strings of a heap snapshot: names of fields of keys, and behind each a constant of a library
 * with elliptic curves.
 */

const NAMES = [
  'RSAPrivateKey.prime1',
  'privateKey',
  'ECPrivateKey.privateKey',
  'client_secret',
  'SECRET_KEY',
];

/** Constants of curves in hexadecimal digits: numbers alone, and points as SEC 1 has them. */
const constants = CONSTANT_DOMAINS.flatMap(({ size, p, a, b, n, x, y }) => {
  const digits = (value: bigint) => value.toString(16).padStart(2 * size, '0');
  const points = [`04${digits(x)}${digits(y)}`, `02${digits(x)}`, `03${digits(x)}`];
  return [...[p, a, b, n, x, y].map(digits), ...points];
});

/** P-256 by OpenSSL, so that the constants are not those of the program alone. */
function generator(): string {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from('01'.padStart(64, '0'), 'hex'));
  return ecdh.getPublicKey('hex');
}

const random = new SeededRandom('strings beside names');
const numbers = NAMES.map(() => random.bytes(65).toString('hex'));

/** Names and values in turn, as V8 writes the strings of an array: each text has a place once. */
const table = (values: readonly string[]): string[] =>
  values.flatMap((value, i) => [`m${i}.${NAMES[i % NAMES.length]}`, value]);

/** Rules whose findings count in a snapshot of a process that holds the texts. */
async function counting(texts: readonly string[]): Promise<string[]> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'app.heapsnapshot');
    const program = `
      globalThis.texts = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
      require('node:v8').writeHeapSnapshot(process.argv[1]);`;
    execFileSync(process.execPath, ['-e', program, path], { input: JSON.stringify(texts) });
    const found: string[] = [];
    for await (const event of scan({ paths: [path] }))
      if (event.type === 'finding' && event.counts) found.push(event.ruleId);
    return found;
  });
}

describe('strings of a heap snapshot', () => {
  test('constants of curves behind names of private keys do not count', async () => {
    expect(await counting(table([generator(), ...constants]))).toEqual([]);
  });

  test('random numbers behind them do', async () => {
    expect(await counting(table(numbers))).toHaveLength(NAMES.length);
  });
});
