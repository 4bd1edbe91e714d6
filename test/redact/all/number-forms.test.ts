import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { collect } from '../../hostile/collect.js';
import { rsaFrom } from '../../search/seeded.js';
import { withTempDir } from '../../support/folder.js';
import { WRITER_NAMES, WRITERS } from '../../support/number-writers.js';
import { filledCopyOf } from './made-fill.js';

/** Forms that are filled, but not reported as copies. */
const FILLED_ONLY = new Set(
  ['int64-msw', ...[26, 29].map((bits) => `digits${bits}-le32`)].concat(
    [51, 52, 56, 57, 58, 59, 61, 62].map((bits) => `digits${bits}-le64`),
  ),
);
/** The name by which a scan reports copies. */
const reportedAs = (form: string): string | undefined =>
  FILLED_ONLY.has(form) ? undefined : form === 'ints-be-hprof' ? 'limbs-be-hprof' : form;

/** A part of a number that bears at least 64 bits in every form. */
const PART = { from: 24, to: 48 };
/** The words that fills are searched in have four alignments. */
const ALIGNMENTS = [0, 1, 2, 3];

/** Bytes in the dump. */
interface Planted {
  offset: number;
  bytes: Buffer;
}

describe('a prime of a proven key is found and filled, whole and in part', () => {
  const key = rsaFrom('number forms', 1024);
  const prime = BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).p!, 'base64url').toString('hex')}`);
  const random = new SeededRandom('number forms');
  const pieces: Buffer[] = [key.export({ format: 'der', type: 'pkcs8' }) as Buffer];
  const plant = (bytes: Buffer, alignment: number): Planted => {
    const { length } = Buffer.concat(pieces);
    const offset = length + 48 - (length % 4) + alignment;
    pieces.push(Buffer.from(random.bytes(offset - length)), bytes);
    return { offset, bytes };
  };
  const planted = new Map<string, Planted[]>();
  for (const form of WRITER_NAMES) {
    const whole = WRITERS[form](prime);
    const part = whole.subarray(PART.from, PART.to);
    planted.set(form, [plant(whole, 0), ...ALIGNMENTS.map((alignment) => plant(part, alignment))]);
  }
  const dump = Buffer.concat([...pieces, Buffer.from(random.bytes(64))]);

  const reported = new Map<number, string | undefined>();
  let copy = new Uint8Array(0);
  beforeAll(async () => {
    const { findings } = await withTempDir((folder) => {
      writeFileSync(join(folder, 'dump'), dump);
      return collect({ paths: [join(folder, 'dump')], jobs: 1 });
    });
    for (const { occurrences } of findings)
      for (const { offset, encoding } of occurrences) reported.set(offset, encoding);
    const made = await filledCopyOf(dump);
    expect([made.exit, made.findings]).toEqual([0, 0]);
    copy = Uint8Array.from(made.copy);
  });

  test.each(WRITER_NAMES)('as %s', (form) => {
    const all = planted.get(form)!;
    expect(reported.get(all[0]!.offset)).toBe(reportedAs(form));
    for (const { offset, bytes } of all) {
      expect(dump.subarray(offset, offset + bytes.length)).toEqual(bytes);
      const left = copy.subarray(offset, offset + bytes.length);
      expect(left).toEqual(new Uint8Array(bytes.length));
    }
  });
});
