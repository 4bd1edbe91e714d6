import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { memoryStorage, openStorage } from '../../../src/core/base/bytes/storage.js';
import { printedFills } from '../../../src/redact/fill/printed/printed.js';
import { job, printedTasks } from '../../../src/redact/fill/printed/printed-job.js';
import { textRuns } from '../../../src/redact/fill/printed/text-runs.js';
import { SweepPool } from '../../../src/sweep/pool.js';
import fc from '../../support/property.js';
import { knownSecrets } from './known-secrets.js';
import { PRINTERS } from './printers.js';

const random = new SeededRandom('printed');
/** `value` is no text: Python prints text as it is. */
const { scalar, value, known } = await knownSecrets(random);
const pool = new SweepPool(1);

/** Memory with its printed bytes filled by zeros. */
async function filled(memory: Buffer): Promise<Buffer> {
  const copy = Buffer.from(memory);
  for await (const { offset, length } of printedFills(memoryStorage(memory), {
    ...known,
    pool,
    open: openStorage,
  }))
    copy.fill(0, offset, offset + length);
  return copy;
}

/** Memory around a text, and where the text is. */
function around(text: Buffer, before = 1000): Buffer {
  return Buffer.concat([Buffer.alloc(before, 0xee), text, Buffer.alloc(500, 0xee)]);
}

/** Characters of the text that are left in a row. */
function leftOf(text: Buffer, copy: Buffer, before = 1000): number {
  let [row, longest] = [0, 0];
  for (const [at, byte] of text.entries()) {
    row = byte !== 0 && copy[before + at] === byte ? row + 1 : byte === 0 ? row : 0;
    longest = Math.max(longest, row);
  }
  return longest;
}

describe('printed bytes', () => {
  test.each(Object.entries(PRINTERS))('%s: a key and a value are filled', async (_name, print) => {
    for (const secret of [scalar, value]) {
      const text = print(secret);
      expect(leftOf(text, await filled(around(text)))).toBeLessThan(12);
    }
  });

  test('are found across the parts in which a file is searched', async () => {
    for (const print of Object.values(PRINTERS).slice(0, 6)) {
      const text = print(value);
      for (const before of [2 ** 20 - 1, 2 ** 20 - (text.length >> 1), 2 ** 20 - text.length + 1])
        expect(leftOf(text, await filled(around(text, before)), before)).toBeLessThan(12);
    }
  });

  test('of nothing known stay', async () => {
    for (const print of Object.values(PRINTERS)) {
      const memory = around(print(random.bytes(32)));
      expect((await filled(memory)).equals(memory)).toBe(true);
    }
  });

  test('that are findings are filled, although nothing is known of them', async () => {
    const other = githubToken(random);
    for (const text of [
      Buffer.from(` ${other} `, 'utf16le').toString('base64'),
      `[${[...Buffer.from(other)]}]`,
    ]) {
      const copy = await filled(around(Buffer.from(text)));
      expect(leftOf(Buffer.from(text), copy)).toBeLessThan(12);
    }
  });
});

describe('runs of text', () => {
  const isText = (byte: number | undefined) =>
    byte !== undefined && ((byte >= 0x20 && byte < 0x7f) || [9, 10, 13].includes(byte));
  const bytes = fc
    .array(
      fc.oneof(
        fc.string({ unit: fc.constantFrom('a', ' ', '\n'), maxLength: 40 }).map((text) => Buffer.from(text)),
        fc
          .string({ unit: fc.constantFrom('a', '9'), maxLength: 40 })
          .map((text) => Buffer.from(text, 'utf16le')),
        fc.uint8Array({ maxLength: 6 }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => Buffer.concat(parts));

  test('are all runs of 16 characters', () => {
    fc.assert(
      fc.property(bytes, (memory) => {
        const wanted: string[] = [];
        for (let at = 0; at < memory.length; at++) {
          if (!isText(memory[at]) || isText(memory[at - 1])) continue;
          let end = at;
          while (isText(memory[end])) end++;
          if (end - at >= 16) wanted.push(`${at} ${end - at}`);
        }
        const found: string[] = [];
        textRuns(memory, memory.length, (start, count, stride) => {
          if (stride === 1) found.push(`${start} ${count}`);
        });
        expect(found).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });

  test('have every 16 characters of UTF-16', () => {
    fc.assert(
      fc.property(bytes, (memory) => {
        const covered = new Set<number>();
        textRuns(memory, memory.length, (start, count, stride) => {
          for (let at = 0; stride === 2 && at < count; at++) covered.add(start + 2 * at);
        });
        const isWide = (at: number) => isText(memory[at]) && memory[at + 1] === 0;
        for (let at = 0; at + 32 <= memory.length; at++)
          if (Array.from({ length: 16 }, (_, index) => at + 2 * index).every(isWide))
            for (let index = 0; index < 16; index++) expect(covered.has(at + 2 * index)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Memory of these alone. */
const FLOODS = [
  ...['\\x41', '12,', '0x1,', 'QUFB', '41 ', '&%\\', 'ABCDEFGH', 'z!"#$%', '1\n', '9999999999 '],
  ...['00000000: 4141\n', `M${'A'.repeat(60)}\n`, '!!!!!\n', '{"0":1,', 'eJw', '789c'],
];
/** Lines with addresses that count up. */
const listing = (line: string): Buffer =>
  Buffer.from(
    Array.from({ length: 2 ** 13 }, (_, row) => `${(16 * row).toString(16).padStart(8, '0')}${line}\n`).join(
      '',
    ),
  );

test('a search takes time that grows with the file', () => {
  const floods = [
    ...FLOODS.map((flood) => Buffer.alloc(2 ** 19, flood)),
    ...[':', '  61 62', '   a   b', ' <x>: 1', `  ${'61 '.repeat(16)} |${'a'.repeat(16)}|`].map(listing),
  ];
  for (const flood of floods)
    for (const task of printedTasks(memoryStorage(flood), known))
      expect(job(task).length).toBeLessThan(2 ** 16);
});
