import { appendFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { verifyLog } from '../../src/guard/log/verify-log.js';
import { KEY } from '../redact/manifest/signed-copy.js';
import { cases } from '../support/property.js';
import { CHANGES, notFound } from './log-changes.js';
import { FILES, inLogFolder, type MadeLog } from './made-log.js';

const verify = (made: MadeLog, since?: string) =>
  verifyLog({ log: made.file('log.jsonl'), key: made.key, ...(since === undefined ? {} : { since }) });

const codes = ({ problems }: { problems: { code: string }[] }) => problems.map(({ code }) => code);

/** Puts all three files back as they were. */
const restore = (made: MadeLog, saved: (Buffer | undefined)[]) =>
  FILES.forEach((name, i) => {
    made.write(name, saved[i]!);
  });

describe('a log as the guard wrote it', () => {
  test('is verified, and what that proves is said', () =>
    inLogFolder(async (made) => {
      await made.grow(5);
      const result = await verify(made);
      expect(result).toMatchObject({ verified: true, exit: 0, problems: [], entries: 5, head: { count: 5 } });
      expect(result.proven).toEqual([
        'the 5 entries up to the signed head were not changed, added, removed or moved since',
      ]);
      expect(result.notProven[0]).toContain('a log put back to an older signed head passes');
    }));

  test('holds each head that was printed', () =>
    inLogFolder(async (made) => {
      await made.grow(5);
      writeFileSync(
        made.file('journal'),
        made.heads.map((head) => `Dec 01 host guard[7]: ${head}\n`).join(''),
      );
      for (const since of [
        made.file('journal'),
        made.heads[2]!,
        made.file('log.head'),
        made.file('log.head.minisig'),
      ])
        expect(await verify(made, since)).toMatchObject({ verified: true, problems: [] });
      const { since, proven } = await verify(made, made.file('journal'));
      expect(since).toMatchObject({ heads: 6, newest: { count: 5 } });
      expect(proven[1]).toBe('the first 5 entries are those of a head that was kept elsewhere');
    }));

  test.each([0, 1])('is verified with %d entries', (count) =>
    inLogFolder(async (made) => {
      await made.grow(count);
      expect(await verify(made)).toMatchObject({ verified: true, entries: count });
    }),
  );

  test('is verified by the line of the key', () =>
    inLogFolder(async (made) => {
      await made.grow(1);
      expect(await verifyLog({ log: made.file('log.jsonl'), key: KEY.line })).toMatchObject({ exit: 0 });
    }));
});

test('put back to an older head is found with --since, and said to be not found without', () =>
  inLogFolder(async (made) => {
    await made.grow(5);
    const saved = made.saved();
    await made.grow(5);
    const [later] = made.heads.slice(-1);
    restore(made, saved);
    const without = await verify(made);
    expect(without).toMatchObject({ verified: true, entries: 5 });
    expect(without.notProven[0]).toContain('a log put back to an older signed head passes');
    const found = await verify(made, later);
    expect([found.exit, codes(found)]).toEqual([1, ['log-older']]);
    expect(found.problems[0]?.message).toContain('5 entries that it had are missing');
  }));

test('written anew by the holder of the key is found with --since alone', () =>
  inLogFolder(async (made) => {
    await made.grow(3);
    const kept = made.heads.at(-1)!;
    for (const name of FILES) rmSync(made.file(name));
    await made.grow(4);
    expect(await verify(made)).toMatchObject({ exit: 0 });
    expect(codes(await verify(made, kept))).toEqual(['log-other-origin']);
    const [, , origin] = made.heads.at(-1)!.split(' ');
    const found = await verify(made, kept.replace(/[0-9a-f]{32}/, origin!));
    expect([found.exit, codes(found)]).toEqual([1, ['log-rewritten']]);
  }));

describe('what is wrong has its name', () => {
  type Change = (made: MadeLog) => unknown;
  test.each<[string, Change, number, string[]]>([
    ['no head', (made) => FILES.slice(1).map((name) => rmSync(made.file(name))), 1, ['log-head-missing']],
    ['no signature', (made) => rmSync(made.file('log.head.minisig')), 1, ['signature-malformed']],
    [
      'another key',
      (made) => writeFileSync(made.key, made.otherSigner.publicKey),
      1,
      ['signature-of-other-key'],
    ],
    ['a head that nothing signs', (made) => made.write('log.head', 'x'), 1, ['log-head-differs']],
    ['no head file', (made) => rmSync(made.file('log.head')), 2, ['log-head-old']],
    ['a torn line', (made) => appendFileSync(made.file('log.jsonl'), '{"seq"'), 2, ['log-line-torn']],
    [
      'a signature of something else',
      (made) => made.write('log.head.minisig', made.signer.sign(made.read('log.head'), 'x', 'log head')),
      1,
      ['log-head-malformed'],
    ],
    [
      'the signature of a manifest',
      (made) => made.write('log.head.minisig', made.signer.sign(Buffer.from('{}'), made.heads.at(-1)!)),
      1,
      ['signature-wrong'],
    ],
    [
      'a last line changed',
      (made) => made.write('log.jsonl', made.read('log.jsonl').toString().replace('dump-2', 'dump-9')),
      1,
      ['log-last-changed'],
    ],
    [
      'a line changed',
      (made) => made.write('log.jsonl', made.read('log.jsonl').toString().replace('dump-0', 'dump-9')),
      1,
      ['log-line-changed'],
    ],
    [
      'bytes that are not UTF-8',
      (made) =>
        made.write(
          'log.jsonl',
          Buffer.from(made.read('log.jsonl').map((byte) => (byte === 0x2d ? 0xff : byte))),
        ),
      1,
      ['log-line-changed'],
    ],
  ])('%s', (_name, change, exit, expected) =>
    inLogFolder(async (made) => {
      await made.grow(3);
      change(made);
      const result = await verify(made);
      expect([result.exit, codes(result), result.verified]).toEqual([exit, expected, false]);
      for (const { hint } of result.problems) expect(hint).toMatch(/\w/);
      expect([...result.proven, ...result.notProven]).toEqual([]);
    }),
  );

  test('entries that nothing signs', () =>
    inLogFolder(async (made) => {
      await made.grow(3);
      const head = made.saved();
      await made.grow(2);
      made.write('log.head', head[1]!);
      made.write('log.head.minisig', head[2]!);
      const result = await verify(made);
      expect([result.exit, codes(result)]).toEqual([2, ['log-not-signed']]);
      expect(result.problems[0]?.message).toContain('the last 2 entries');
    }));

  test.each<[string, Change, { code: string; exit: number }]>([
    [
      'a log that is missing',
      (made) => rmSync(made.file('log.jsonl')),
      { code: 'verify-unreadable', exit: 2 },
    ],
    [
      'a link',
      (made) => renameSync(made.file('log.head'), made.file('x')) ?? symlinkSync('x', made.file('log.head')),
      { code: 'verify-link', exit: 2 },
    ],
    ['no key', (made) => rmSync(made.key), { code: 'verify-key-unreadable', exit: 3 }],
  ])('%s', (_name, change, error) =>
    inLogFolder(async (made) => {
      await made.grow(1);
      change(made);
      await expect(verify(made)).rejects.toMatchObject(error);
    }),
  );

  test.each([
    ['none', 'no-head'],
    ['sign.pub', 'no-head'],
  ])('--since %s', (name, code) =>
    inLogFolder(async (made) => {
      await made.grow(1);
      await expect(verify(made, made.file(name))).rejects.toMatchObject({ code, exit: 3 });
    }),
  );

  test('wrong options', async () => {
    await expect(verifyLog({ log: 'log.jsonl' } as never)).rejects.toMatchObject({ code: 'wrong-option' });
  });
});

/** Lines of a log of 200: a tenth of them in each run, all at night. */
const STEP = 200 / cases(200);
const PLACES = Array.from({ length: cases(200) }, (_, i) => i * STEP + (i % STEP));

test.each(Object.keys(CHANGES))('each line of a log of 200 that is %s is found', (change) =>
  inLogFolder(async (made) => {
    made.build(200);
    expect(await verify(made)).toMatchObject({ verified: true, entries: 200 });
    expect(await notFound(made, change, new Set([...PLACES, 198, 199]))).toEqual([]);
  }),
);
