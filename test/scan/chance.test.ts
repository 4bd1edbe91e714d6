import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/core/model/report.js';
import type { ScanOptions } from '../../src/index.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { heapOf, randomValues, yandexKey } from '../detect/chance/random-values.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Matches of a prefix of three characters among random values, of which one in 2^16 has it. */

const RULE = 'yandex-static-secret';
const KEY = yandexKey('the key');

async function findingsOf(options: ScanOptions): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const event of scan(options))
    if (event.type === 'finding' && event.ruleId === RULE) found.push(event);
  return found;
}

const inMemory = (memory: Buffer, options: Partial<ScanOptions> = {}): Promise<Finding[]> =>
  withTempDir((folder) => {
    const path = join(folder, 'heap.raw');
    writeFileSync(path, memory);
    return findingsOf({ ...options, paths: [path] });
  });

const MANY = randomValues('many', 6_000);
const CHANCE = expect.stringMatching(
  /^chance explains it: (?:5,99|6,00)\d random-looking values of its form have 0\.09\d* matches on average, and this is/,
);

const COUNTS = { severity: 'high', confidence: 'medium', counts: true, notes: [] };
const LOW = { severity: 'low', confidence: 'low', counts: false, reason: 'below-threshold', notes: [CHANCE] };

describe('a match of a short prefix', () => {
  test.each([
    ['600 session ids', randomValues('few', 600)],
    ['2,400 session ids', randomValues('more', 2_400)],
    ['2,400 session ids of other forms', randomValues('other', 2_400, { lengths: [22, 32, 43, 64] })],
    ['6,000 digests', randomValues('digests', 6_000, { alphabet: '0123456789abcdef' })],
    ['6,000 copies of one', Array.from({ length: 6_000 }, () => MANY[0]!)],
  ])('among %s counts', async (_, values) => {
    expect(await inMemory(heapOf([...values, KEY]))).toEqual([expect.objectContaining(COUNTS)]);
  });

  test('among 6,000 random values of its form is explained by chance', async () => {
    expect(await inMemory(heapOf([...MANY, KEY]))).toEqual([expect.objectContaining(LOW)]);
  });

  test('is no further match where it has copies', async () => {
    const [found, ...others] = await inMemory(heapOf([KEY, KEY, ...MANY, KEY]));
    expect([found, others]).toEqual([expect.objectContaining({ ...LOW, occurrenceCount: 3 }), []]);
  });

  test('counts with two others: three are less likely', async () => {
    const found = await inMemory(heapOf([...MANY, KEY, yandexKey('another'), yandexKey('third')]));
    expect(found).toEqual(Array(3).fill(expect.objectContaining(COUNTS)));
  });

  test('in UTF-16 is judged by values in UTF-16', async () => {
    const wide = (values: readonly string[]) =>
      Buffer.concat(values.map((value) => Buffer.from(`\0${value}\0`, 'utf16le')));
    expect(await inMemory(wide([...MANY, KEY]))).toEqual([expect.objectContaining(LOW)]);
    expect(await inMemory(wide([...MANY.slice(0, 600), KEY]))).toEqual([expect.objectContaining(COUNTS)]);
  });

  test.each([
    ['a name', `SECRET_KEY=${KEY}`],
    ['a name in JSON', `{"client_secret": "${KEY}"}`],
    ['the name of its service', `yandex: ${KEY}`],
    ['a host of its service', `https://storage.yandexcloud.net/?k=${KEY}`],
  ])('beside %s counts', async (_, text) => {
    expect(await inMemory(heapOf([...MANY, text]))).toEqual([expect.objectContaining(COUNTS)]);
  });

  test('beside a name that says nothing of secrets does not', async () => {
    expect(await inMemory(heapOf([...MANY, `session:${KEY}`]))).toEqual([expect.objectContaining(LOW)]);
  });

  test('is judged by the values, whichever rules are used', async () => {
    const memory = heapOf([...MANY, KEY]);
    expect(await inMemory(memory, { only: [RULE] })).toEqual([expect.objectContaining(LOW)]);
  });

  test('counts if one artifact of a folder has it without them', async () => {
    await withTempDir(async (folder) => {
      writeFileSync(join(folder, 'store.raw'), heapOf([...MANY, yandexKey('another')]));
      writeFileSync(join(folder, 'client.raw'), heapOf([KEY]));
      const found = await findingsOf({ paths: [folder] });
      expect(found.map(({ location, counts }) => [location.path.split('/').at(-1), counts])).toEqual([
        ['client.raw', true],
        ['store.raw', false],
      ]);
    });
  });
});

describe('the values of an artifact are the same', () => {
  const memory = heapOf([...randomValues('large', 60_000), KEY]);
  const notes = [expect.stringContaining('chance explains it')];

  test('in a file, on standard input and in a file that is swept while it is decoded', async () => {
    await withTempDir(async (folder) => {
      const paths = [join(folder, 'heap.raw'), join(folder, 'heap.raw.gz')];
      writeFileSync(paths[0]!, memory);
      writeFileSync(paths[1]!, gzipSync(memory, { level: 1 }));
      const [plain] = await findingsOf({ paths: [paths[0]!] });
      expect(plain).toMatchObject({ counts: false, notes });
      expect(await findingsOf({ paths: [paths[1]!] })).toEqual([
        expect.objectContaining({ notes: plain!.notes }),
      ]);
      const stdin = Readable.from([memory.subarray(0, 1_000_003), memory.subarray(1_000_003)]);
      expect(await findingsOf({ paths: ['-'], stdin })).toEqual([
        expect.objectContaining({ notes: plain!.notes }),
      ]);
    });
  });
});

test('no example of a rule is explained by chance, all together in one artifact', async () => {
  const examples = loadBuiltin().flatMap((rule) => (rule.detector === 'text' ? rule.examples : []));
  expect(examples.length).toBeGreaterThan(400);
  const memory = Buffer.from(examples.map((text) => `${text}${'\0'.repeat(256)}`).join(''), 'latin1');
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, 'heap.raw'), memory);
    let found = 0;
    for await (const event of scan({ paths: [folder] })) {
      if (event.type !== 'finding') continue;
      found++;
      expect(event.notes.filter((note) => note.startsWith('chance'))).toEqual([]);
    }
    expect(found).toBeGreaterThan(400);
  });
});
