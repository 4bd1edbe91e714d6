import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { GuardLog } from '../../src/guard/log/log.js';
import { FILES, inLogFolder, type LogFile, type MadeLog } from './made-log.js';

/** SHA-256 as `sha256sum` prints it. */
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function entriesOf(log: GuardLog) {
  const entries = [];
  for await (const entry of log.entries()) entries.push(entry);
  return entries;
}

/** The code and exit status with which a call fails, or `opened`. */
async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'opened';
  } catch (error) {
    const { code, exit, hint } = error as { code: string; exit: number; hint: string };
    expect(hint).toMatch(/\w/);
    return `${code} ${exit}`;
  }
}

describe('the log', () => {
  test('chains its lines, and signs and prints a head after each', () =>
    inLogFolder(async (made) => {
      const log = await made.open();
      await log.append({ event: 'start', version: '1' });
      await log.append({ event: 'taken', dump: 'a', seq: 99, prev: 'x' });
      const [first = '', second = ''] = made.lines();
      expect(JSON.parse(first)).toMatchObject({ seq: 1, prev: '0'.repeat(64), event: 'start', version: '1' });
      expect(JSON.parse(second)).toMatchObject({ seq: 2, prev: sha256(first), event: 'taken', dump: 'a' });
      const [title, origin, count, hash] = made.read('log.head').toString().split('\n');
      expect([title, count, hash]).toEqual(['dumpsieve guard log', '2', sha256(second)]);
      expect(made.heads).toEqual([
        `guard log ${origin} 0 ${'0'.repeat(64)}`,
        `guard log ${origin} 1 ${sha256(first)}`,
        `guard log ${origin} 2 ${sha256(second)}`,
      ]);
      expect(made.read('log.head.minisig').toString()).toContain(`\ntrusted comment: ${made.heads[2]}\n`);
      expect((await entriesOf(log)).map(({ event }) => event)).toEqual(['start', 'taken']);
      expect(statSync(made.file('log.jsonl')).mode & 0o777).toBe(0o600);
      log.close();
    }));

  test('goes on where it was', () =>
    inLogFolder(async (made) => {
      await made.grow(3);
      await made.grow(2);
      const log = await made.open();
      expect((await entriesOf(log)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(log.head.count).toBe(5);
      log.close();
    }));

  test('refuses an entry of more than 64 KiB and goes on', () =>
    inLogFolder(async (made) => {
      const log = await made.open();
      expect(await codeOf(() => log.append({ event: 'x', why: 'y'.repeat(65_536) }))).toBe(
        'guard-log-not-written 3',
      );
      await log.append({ event: 'start' });
      log.close();
      expect(made.lines()).toHaveLength(1);
    }));
});

type Change = (made: MadeLog) => void | Promise<void>;

/** Writes the log's lines changed. */
const edit =
  (change: (lines: string[]) => string[]): Change =>
  (made) =>
    made.write('log.jsonl', change(made.lines()).join(''));

/** Adds a line that follows, as a writer does that is killed before the head. */
const follow: Change = (made) => {
  const lines = made.lines();
  const record = { seq: lines.length + 1, prev: sha256(lines.at(-1) ?? ''), time: 'T', boot: 'b' };
  appendFileSync(made.file('log.jsonl'), `${JSON.stringify({ ...record, event: 'late' })}\n`);
};

const torn: Change = (made) => appendFileSync(made.file('log.jsonl'), '{"seq":4,"prev":"00');

const remove =
  (name: LogFile): Change =>
  (made) =>
    rmSync(made.file(name));

const all =
  (...changes: Change[]): Change =>
  async (made) => {
    for (const change of changes) await change(made);
  };

/** Puts files back as they were two entries earlier. */
const putBack =
  (...indices: number[]): Change =>
  async (made) => {
    const saved = made.saved();
    await made.grow(2);
    for (const i of indices) made.write(FILES[i]!, saved[i]!);
  };

describe('what a killed writer leaves is mended', () => {
  test.each<[string, Change, number]>([
    ['a torn line', torn, 3],
    [
      'a torn line of zeros',
      (made) => truncateSync(made.file('log.jsonl'), made.read('log.jsonl').length + 9),
      3,
    ],
    ['an entry without its head', follow, 4],
    ['an entry without its head, and a torn line', all(follow, torn), 4],
    ['a signature whose head was not replaced yet', putBack(1), 5],
    ['a head and its signature from before the last entries', putBack(1, 2), 5],
    ['a signature without its first head', remove('log.head'), 3],
    ['drafts', (made) => appendFileSync(made.file('log.head.new'), 'x'), 3],
  ])('%s', (_name, change, count) =>
    inLogFolder(async (made) => {
      await made.grow(3);
      await change(made);
      const log = await made.open();
      expect(log.head.count).toBe(count);
      await log.append({ event: 'next' });
      log.close();
      const again = await made.open();
      expect((await entriesOf(again)).map(({ seq }) => seq)).toEqual(
        [...Array(count + 1).keys()].map((i) => i + 1),
      );
      again.close();
    }),
  );

  test.each<[string, Change]>([
    ['nothing but an empty log', (made) => made.write('log.jsonl', '')],
    ['nothing but a torn line', (made) => made.write('log.jsonl', '{"seq":1')],
  ])('%s', (_name, change) =>
    inLogFolder(async (made) => {
      await change(made);
      await made.grow(1);
      expect(made.lines()).toHaveLength(1);
    }),
  );
});

describe('anything else is refused', () => {
  const line = (change: (line: string) => string) => edit(([a = '', b = '', c = '']) => [a, change(b), c]);
  test.each<[string, Change, string]>([
    ['a line changed', line((text) => text.replace('dump-1', 'dump-2')), 'guard-log-changed'],
    ['a line removed', edit(([a = '', , c = '']) => [a, c]), 'guard-log-changed'],
    ['a line doubled', edit(([a = '', b = '', c = '']) => [a, b, b, c]), 'guard-log-changed'],
    ['lines swapped', edit(([a = '', b = '', c = '']) => [a, c, b]), 'guard-log-changed'],
    [
      'the last line changed',
      edit(([a = '', b = '', c = '']) => [a, b, c.replace('dump', 'x')]),
      'guard-log-changed',
    ],
    ['the last line removed', edit(([a = '', b = '']) => [a, b]), 'guard-log-cut'],
    [
      'the last line cut',
      (made) => truncateSync(made.file('log.jsonl'), made.read('log.jsonl').length - 1),
      'guard-log-cut',
    ],
    ['an entry that does not follow', edit((lines) => [...lines, lines[2]!]), 'guard-log-changed'],
    ['an empty line', edit((lines) => [...lines, '\n']), 'guard-log-changed'],
    ['a line that is too long', edit((lines) => [...lines, 'x'.repeat(70_000)]), 'guard-log-changed'],
    ['the log removed', remove('log.jsonl'), 'guard-log-cut'],
    ['head and signature removed', all(remove('log.head'), remove('log.head.minisig')), 'guard-log-unsigned'],
    ['the signature removed', remove('log.head.minisig'), 'signature-malformed'],
    [
      'the head changed',
      (made) => made.write('log.head', made.read('log.head').toString().replace('\n3\n', '\n4\n')),
      'log-head-differs',
    ],
    ['an older signature', putBack(2), 'log-head-differs'],
  ])('%s', (_name, change, code) =>
    inLogFolder(async (made) => {
      await made.grow(3);
      await change(made);
      const before = made.saved();
      expect(await codeOf(() => made.open())).toBe(`${code} 3`);
      // Evidence stays as it is.
      if (code !== 'guard-log-cut') expect(made.saved()).toEqual(before);
    }),
  );

  test('the log of another key', () =>
    inLogFolder(async (made) => {
      await made.grow(1);
      expect(await codeOf(() => made.open(made.otherSigner))).toBe('signature-of-other-key 3');
    }));

  test('a link in place of the log', () =>
    inLogFolder(async (made) => {
      await made.grow(1);
      renameSync(made.file('log.jsonl'), made.file('other'));
      symlinkSync(made.file('other'), made.file('log.jsonl'));
      expect(await codeOf(() => made.open())).toBe('guard-log-unreadable 3');
    }));

  test('a folder that is missing', () =>
    inLogFolder(async (made) => {
      rmSync(made.folder, { recursive: true });
      expect(await codeOf(() => made.open())).toBe('guard-log-unreadable 3');
    }));
});

describe('an open log notices another writer', () => {
  test.each<[string, Change]>([
    ['another guard', (made) => made.grow(1)],
    ['bytes', torn],
    [
      'another file in its place',
      (made) =>
        copyFileSync(made.file('log.head'), made.file('x')) ??
        renameSync(made.file('x'), made.file('log.jsonl')),
    ],
    ['no file', remove('log.jsonl')],
  ])('%s', (_name, change) =>
    inLogFolder(async (made) => {
      await made.grow(1);
      const log = await made.open();
      await change(made);
      expect(await codeOf(() => log.append({ event: 'x' }))).toBe('guard-log-other-writer 3');
      log.close();
    }),
  );
});
