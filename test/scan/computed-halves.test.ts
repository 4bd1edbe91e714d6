import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { Finding } from '../../src/core/model/report.js';
import type { ScanOptions } from '../../src/index.js';
import { filledCopyOf } from '../redact/all/made-fill.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Private halves whose public half is in no form beside them: what proves them, and what becomes of them. */

const random = new SeededRandom('computed halves');
const PREFIXES: Readonly<Record<string, string>> = {
  Ed25519: '302e020100300506032b657004220420',
  X25519: '302e020100300506032b656e04220420',
  Ed448: '3047020100300506032b6571043b0439',
  X448: '3046020100300506032b656f043a0438',
  'P-256': '3041020100301306072a8648ce3d020106082a8648ce3d03010704273025020101' + '0420',
};
const SIZES: Readonly<Record<string, number>> = { Ed448: 57, X448: 56 };

/** A private number that looks random, without a zero octet. */
function number(size: number): Buffer {
  for (;;) {
    const bytes = random.bytes(size);
    const printable = bytes.filter((byte) => byte >= 0x20 && byte < 0x7f).length;
    const distinct = new Set(bytes.subarray(0, 32)).size;
    if (!bytes.includes(0) && printable < size / 2 && distinct > 27 && bytes[0]! < 0x80) return bytes;
  }
}

const infoOf = (name: string, half: Buffer): Buffer =>
  Buffer.concat([Buffer.from(PREFIXES[name]!, 'hex'), half]);
const keyOf = (der: Buffer): KeyObject => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const publicOf = (der: Buffer): Buffer =>
  Buffer.from(createPublicKey(keyOf(der)).export({ format: 'jwk' }).x as string, 'base64url');

const gap = Buffer.alloc(40, '. ');
const memoryOf = (...parts: (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => [gap, Buffer.from(part), Buffer.alloc(61)]));

async function findingsIn(
  files: readonly Buffer[],
  options: Omit<ScanOptions, 'paths'> = {},
): Promise<Finding[]> {
  return withTempDir(async (folder) => {
    for (const [i, bytes] of files.entries()) writeFileSync(join(folder, `core.${i}`), bytes);
    const findings: Finding[] = [];
    for await (const event of scan({ ...options, paths: [folder] }))
      if (event.type === 'finding') findings.push(event);
    return findings;
  });
}

const COMPUTED = /^not proven: its public half was only computed/;

describe.each(Object.keys(PREFIXES))('%s in PKCS#8 without its public half', (name) => {
  const half = number(SIZES[name] ?? 32);
  const der = infoOf(name, half);
  const point = publicOf(der);

  test('is not proven by the public half that its own number gives', async () => {
    const [finding, ...others] = await findingsIn([memoryOf(der)]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'critical', confidence: 'high', counts: true, proof: [] });
    expect(finding!.notes).toEqual([expect.stringMatching(COMPUTED)]);
    expect(finding!.notes[0]).toContain('octets look random');
  });

  test.each([
    ['as it is, at an odd offset', point],
    ['in hex', `x${point.toString('hex')};`],
    ['in base64url', `"${point.toString('base64url')}"`],
    [
      'in its certificate request or key file',
      createPublicKey(keyOf(der)).export({ format: 'der', type: 'spki' }),
    ],
  ])('is proven by its public half in the dump, %s', async (_, shown) => {
    const [finding] = await findingsIn([memoryOf(der, shown)]);
    expect(finding).toMatchObject({ severity: 'critical', confidence: 'proven', counts: true });
    expect(finding!.proof.join()).toMatch(/at 0x|matches/);
    expect(finding!.notes).toEqual([]);
  });

  test('is proven by its public half in another file of the scan', async () => {
    const [finding] = await findingsIn([memoryOf(der), memoryOf(point)]);
    expect(finding).toMatchObject({ confidence: 'proven', notes: [] });
    expect(finding!.proof).toEqual([expect.stringMatching(/ at 0x[0-9a-f]+ of .*core\.1$/)]);
  });

  test('is proven by a whole PEM, not by one without its END line', async () => {
    const pem = String(keyOf(der).export({ format: 'pem', type: 'pkcs8' }));
    const [whole] = await findingsIn([memoryOf(pem)]);
    expect(whole!.confidence).toBe('proven');
    // Node writes EC keys with their public key.
    if (name === 'P-256') return;
    expect(whole!.proof).toContain('the PEM is whole, from BEGIN to END');
    const [cut] = await findingsIn([memoryOf(pem.slice(0, pem.indexOf('\n-----END')))]);
    expect(cut).toMatchObject({ severity: 'critical', confidence: 'high', counts: true });
  });

  test('is searched for, filled and masked in all its spellings', async () => {
    const text = `--key ${half.toString('hex')} ${half.toString('base64')}`;
    const dump = memoryOf(der, half, text, Buffer.from(half).reverse());
    const [finding] = await findingsIn([dump]);
    expect(finding!.occurrenceCount).toBeGreaterThanOrEqual(4);
    const { copy, exit } = await filledCopyOf(dump);
    expect(exit).toBe(0);
    for (const spelling of ['latin1', 'hex', 'base64'] as const) {
      const shown = half.toString(spelling).slice(0, 12);
      expect(copy.includes(Buffer.from(shown, spelling === 'latin1' ? 'latin1' : 'ascii'))).toBe(false);
    }
  });
});

describe('octets that are hardly a key', () => {
  const base = number(32);
  const withZeros = (count: number): Buffer =>
    Buffer.from(base.map((byte, i) => (i % 7 === 3 && i / 7 < count ? 0 : byte)));
  const withText = (count: number): Buffer =>
    Buffer.from(base.map((_, i) => (i < count ? 0x61 + ((i * 7) % 26) : 0x80 + ((i * 41) % 120))));

  const CASES = [
    ['three zeros', withZeros(3), 'critical', 'high', undefined],
    ['four zeros', withZeros(4), 'info', 'low', 'unlikely-key'],
    ['23 letters', withText(23), 'critical', 'medium', undefined],
    ['24 letters', withText(24), 'info', 'low', 'unlikely-key'],
    [
      'a template and the text behind it',
      Buffer.from('No space left on device\0%s: %s\0\0'),
      'info',
      'low',
      'unlikely-key',
    ],
  ] as const;

  test.each(CASES)('%s', async (_, half, severity, confidence, reason) => {
    const der = infoOf('X25519', half);
    const [finding] = await findingsIn([memoryOf(der)]);
    expect(finding).toMatchObject({ severity, confidence, counts: reason === undefined });
    expect(finding!.reason).toBe(reason);
    expect(finding!.notes).toEqual([expect.stringMatching(COMPUTED)]);
    const { copy } = await filledCopyOf(memoryOf(der));
    expect(copy.includes(half.subarray(4, 20))).toBe(false);
  });

  test.each(CASES)('%s, with the public half in the dump: proven', async (...[, half]) => {
    const der = infoOf('X25519', half);
    const [finding] = await findingsIn([memoryOf(der, `"${publicOf(der).toString('hex')}"`)]);
    expect(finding).toMatchObject({ severity: 'critical', confidence: 'proven', counts: true, notes: [] });
  });

  test('count for no threshold', async () => {
    const dump = memoryOf(infoOf('Ed25519', withZeros(9)));
    const options = { failOn: 'info', minConfidence: 'low' } as const;
    expect(await findingsIn([dump], options)).toMatchObject([{ counts: false, reason: 'unlikely-key' }]);
  });
});

test('a public half in a later file counts for the verdict of the file with the key', async () => {
  const der = infoOf('X25519', Buffer.from('No space left on device\0%s: %s\0\0'));
  const files = [memoryOf(der), memoryOf(publicOf(der))];
  const verdictsOf = async (all: readonly Buffer[]): Promise<(string | number)[]> =>
    withTempDir(async (folder) => {
      for (const [i, bytes] of all.entries()) writeFileSync(join(folder, `core.${i}`), bytes);
      const verdicts: (string | number)[] = [];
      for await (const event of scan({ paths: [folder] }))
        if (event.type === 'artifact') verdicts.push(event.verdict);
        else if (event.type === 'summary') verdicts.push(event.exit);
      return verdicts;
    });
  expect(await verdictsOf(files)).toEqual(['findings', 'nothing-found', 1]);
  expect(await verdictsOf(files.slice(0, 1))).toEqual(['nothing-found', 0]);
});

test.each([
  ['proven', false, 'below-threshold'],
  ['high', true, undefined],
] as const)(
  'with --min-confidence %s a key that is not proven counts: %p',
  async (minConfidence, counts, reason) => {
    const [finding] = await findingsIn([memoryOf(infoOf('Ed25519', number(32)))], { minConfidence });
    expect(finding).toMatchObject({ severity: 'critical', confidence: 'high', counts });
    expect(finding!.reason).toBe(reason);
  },
);

test('a seed cut at a page, then the bytes of another process: not proven', async () => {
  const der = infoOf('Ed25519', number(32)).subarray(0, 32);
  const page = Buffer.concat([Buffer.alloc(4096 - der.length, '. '), der]);
  const stranger = Buffer.concat([number(32), Buffer.alloc(4064)]);
  expect(await findingsIn([Buffer.concat([page, stranger])])).toMatchObject([
    { severity: 'critical', confidence: 'high', proof: [] },
  ]);
});
