import fs, {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { type RedactOptions, type RedactProgress, redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';
import { BuiltProcess } from '../built-core.js';

const CORE = new BuiltProcess('changes').core().bytes;
const random = new SeededRandom('changes');
const TOKEN = githubToken(random);
const TEXT = Buffer.from(`a line of a log\n${TOKEN}\n`.repeat(100));

/** What other programs do to the dump. */
const CHANGES: Readonly<Record<string, (dump: string) => void>> = {
  'is appended to': (dump) => appendFileSync(dump, TOKEN),
  'is cut': (dump) => truncateSync(dump, 20),
  'is emptied': (dump) => truncateSync(dump, 0),
  'is written into': (dump) => writeFileSync(dump, TOKEN, { flag: 'r+' }),
  'is written into, and has its old time': (dump) => {
    const { atime, mtime } = statSync(dump);
    writeFileSync(dump, TOKEN, { flag: 'r+' });
    utimesSync(dump, atime, mtime);
  },
  'is replaced': (dump) => {
    writeFileSync(`${dump}-new`, TEXT);
    renameSync(`${dump}-new`, dump);
  },
  'is removed': (dump) => rmSync(dump),
  'has another name': (dump) => renameSync(dump, `${dump}-moved`),
  'has a second name': (dump) => linkSync(dump, `${dump}-linked`),
};

const KINDS: readonly [keep: 'all' | 'backtrace', content: Buffer][] = [
  ['all', TEXT],
  ['backtrace', CORE],
];

/** Copies a dump, and changes it at the first or the last progress. Returns the error. */
async function copyWhile(
  folder: string,
  [keep, content]: (typeof KINDS)[number],
  change: (dump: string) => void,
  isLast: boolean,
): Promise<unknown> {
  const [input, output] = [join(folder, 'dump'), join(folder, 'copy')];
  writeFileSync(input, content);
  let changed = false;
  const onProgress = ({ bytes, phase }: RedactProgress) => {
    const isProof = keep === 'backtrace' ? bytes === content.length : phase === 'prove';
    if (changed || (isLast && !isProof)) return;
    changed = true;
    change(input);
  };
  const options: RedactOptions = { input, output, jobs: 1, onProgress };
  const error = await (keep === 'all' ? redact(options) : redact({ ...options, keep })).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(changed).toBe(true);
  return error;
}

const madeIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('copy') || name.startsWith('.'));

describe.each(KINDS)('--keep %s', (...kind) => {
  test.each(Object.entries(CHANGES))('makes no copy if the dump %s', async (_name, change) => {
    for (const isLast of [false, true])
      await withTempDir(async (folder) => {
        const error = await copyWhile(folder, kind, change, isLast);
        expect(error).toMatchObject({ exit: 2 });
        expect(madeIn(folder)).toEqual([]);
      });
  });

  test('makes a copy on another file system than that of the dump', async () => {
    const [keep, content] = kind;
    const other = '/dev/shm';
    await withTempDir(async (folder) => {
      const input = join(folder, 'dump');
      writeFileSync(input, content);
      if (!fs.existsSync(other) || statSync(other).dev === statSync(folder).dev) return;
      const place = fs.mkdtempSync(join(other, 'dumpsieve-test-'));
      try {
        const { sha256 } = await redact({
          input,
          output: join(place, 'copy'),
          jobs: 1,
          keep,
        } as RedactOptions);
        expect(readdirSync(place).sort()).toEqual(['copy', 'copy.manifest.json']);
        expect(sha256).toHaveLength(64);
      } finally {
        rmSync(place, { recursive: true });
      }
    });
  });
});

/** Runs `body` as a user that file permissions apply to. */
async function unprivileged(body: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return body();
  process.seteuid!(65_534);
  try {
    await body();
  } finally {
    process.seteuid!(0);
  }
}

test('a folder that cannot be written to is an error before anything is read', () =>
  withTempDir(async (folder) => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    const input = join(folder, 'dump');
    writeFileSync(input, CORE);
    chmodSync(folder, 0o755);
    chmodSync(closed, 0o555);
    await unprivileged(async () => {
      const call = redact({ input, output: join(closed, 'copy'), keep: 'backtrace' });
      await expect(call).rejects.toMatchObject({ code: 'output-not-written', exit: 3 });
    });
    expect(readdirSync(closed)).toEqual([]);
  }));

/** The times of a file do not change, as where a program writes to memory that is mapped. */
async function withoutTimes(file: string, body: () => Promise<void>): Promise<void> {
  const { fstat, fstatSync } = fs;
  const first = statSync(file, { bigint: true });
  const frozen = (stats: fs.BigIntStats): fs.BigIntStats => (stats.ino === first.ino ? first : stats);
  type Done = (error: unknown, stats: fs.BigIntStats) => void;
  fs.fstatSync = ((fd: number) => frozen(fstatSync(fd, { bigint: true }))) as typeof fstatSync;
  fs.fstat = ((fd: number, options: { bigint: true }, done: Done) =>
    fstat(fd, options, (error, stats) => done(error, frozen(stats)))) as typeof fstat;
  try {
    await body();
  } finally {
    Object.assign(fs, { fstat, fstatSync });
  }
}

test('a dump that changes without a new time is noticed', () =>
  withTempDir(async (folder) => {
    const input = join(folder, 'dump');
    writeFileSync(input, 'a line of a log\n'.repeat(200));
    await withoutTimes(input, async () => {
      let changed = false;
      const onProgress = ({ phase }: RedactProgress) => {
        if (!changed && phase === 'scan') writeFileSync(input, TOKEN, { flag: 'r+' });
        changed ||= phase === 'scan';
      };
      const message = expect.stringContaining('what was written is not what was scanned');
      const call = redact({ input, output: join(folder, 'copy'), jobs: 1, onProgress });
      await expect(call).rejects.toMatchObject({ code: 'file-changed', exit: 2, message });
      expect(changed).toBe(true);
      expect(madeIn(folder)).toEqual([]);
    });
  }));
