import { appendFileSync, chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { withTempDir } from '../support/folder.js';
import { collect, type Scanned } from './collect.js';

const MiB = 2 ** 20;
const random = new SeededRandom('changing');

/** Scans a file and changes it once its first bytes have been swept. */
async function scanWhile(path: string, change: () => void): Promise<Scanned> {
  let changed = false;
  return collect({
    paths: [path],
    jobs: 2,
    onProgress: ({ bytes }) => {
      if (changed || bytes === 0) return;
      changed = true;
      change();
    },
  });
}

/** Files below and above the size at which workers are used; tasks of both end after the change. */
const SIZES = [5 * MiB, 41 * MiB];

describe('a file that changes while it is read', () => {
  test.each(SIZES)('and grows from %d bytes is read to its new end, and the report says so', async (size) => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'growing');
      const token = githubToken(random);
      // The first half of the token is present at the start, so its anchor lies before the old end.
      writeFileSync(path, Buffer.concat([Buffer.alloc(size - 20), Buffer.from(token.slice(0, 20))]));
      const { artifacts, findings, summary } = await scanWhile(path, () =>
        appendFileSync(path, Buffer.concat([Buffer.from(token.slice(20)), Buffer.alloc(3 * MiB)])),
      );
      expect(findings.map(({ location }) => location.offset)).toEqual([size - 20]);
      expect(findings[0]!.occurrenceCount).toBe(1);
      const [artifact] = artifacts;
      expect(artifact).toMatchObject({ size: size + 20 + 3 * MiB, coverage: { file: { unread: [] } } });
      expect(artifact!.warnings).toMatchObject([{ code: 'file-grew', offset: size }]);
      expect(artifact!.warnings[0]!.hint).toBeTruthy();
      expect(summary).toMatchObject({ exit: 1, complete: false, bytesScanned: size + 20 + 3 * MiB });
    });
  });

  test.each(SIZES)('and grows from %d bytes without a counted finding is incomplete', async (size) => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'growing');
      writeFileSync(path, Buffer.alloc(size));
      const { summary } = await scanWhile(path, () => appendFileSync(path, Buffer.alloc(1000)));
      expect(summary).toMatchObject({
        exit: 2,
        complete: false,
        verdict: 'incomplete',
        bytesScanned: size + 1000,
      });
    });
  });

  test('and never stops growing is abandoned', async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'growing');
      writeFileSync(path, Buffer.alloc(MiB));
      const { artifacts, summary } = await collect({
        paths: [path],
        onProgress: ({ bytes }) => {
          if (bytes > 0) appendFileSync(path, Buffer.alloc(1000));
        },
      });
      expect(summary).toMatchObject({ exit: 2, complete: false });
      expect(artifacts[0]!.coverage.file.unread).toMatchObject([
        { length: null, reason: 'the file is still growing' },
      ]);
    });
  });

  test.each([
    ['to half', 41 * MiB, 20 * MiB],
    ['to nothing', 41 * MiB, 0],
    ['by one byte', 41 * MiB, 41 * MiB - 1],
  ])('and shrinks %s says what was lost', async (_how, size, left) => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'shrinking');
      writeFileSync(path, Buffer.alloc(size, 0x20));
      const { artifacts, summary } = await scanWhile(path, () => truncateSync(path, left));
      const [artifact] = artifacts;
      const lost = artifact!.coverage.file.unread.reduce((sum, { length }) => sum + (length ?? 0), 0);
      // Tasks were in progress: what they had read counts as read.
      expect(lost).toBeGreaterThan(0);
      expect(lost).toBeLessThanOrEqual(size - left);
      expect(summary).toMatchObject({
        exit: 2,
        complete: false,
        verdict: 'incomplete',
        bytesScanned: size - lost,
      });
      expect(artifact!.warnings.map(({ code, hint }) => [code, typeof hint])).toEqual([
        ['file-shrank', 'string'],
      ]);
    });
  });

  test('and shrinks while a window is read keeps the findings before it', async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'shrinking');
      const token = githubToken(random);
      writeFileSync(path, Buffer.concat([Buffer.from(`${token} `), Buffer.alloc(41 * MiB)]));
      const { findings, summary } = await scanWhile(path, () => truncateSync(path, 100));
      expect(findings.map(({ location }) => location.offset)).toEqual([0]);
      expect(summary).toMatchObject({ exit: 1, complete: false });
    });
  });
});

/** Runs `body` as a user that file permissions apply to; undefined if this process cannot. */
async function unprivileged<T>(body: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return body();
  process.seteuid!(65_534);
  try {
    return await body();
  } finally {
    process.seteuid!(0);
  }
}

(process.platform === 'win32' ? describe.skip : describe)('a folder with an unreadable file', () => {
  test('is scanned except for that file, and ends with 2 or 1', async () => {
    await withTempDir(async (folder) => {
      for (const name of ['dumps', 'dumps/closed', 'dumps/open']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, 'dumps/closed/inside'), 'x');
      writeFileSync(join(folder, 'dumps/denied'), 'x');
      writeFileSync(join(folder, 'dumps/open/last'), 'nothing');
      chmodSync(folder, 0o755);
      chmodSync(join(folder, 'dumps/denied'), 0);
      chmodSync(join(folder, 'dumps/closed'), 0);
      try {
        const scan = () => unprivileged(() => collect({ paths: [join(folder, 'dumps')] }));
        const { artifacts, summary } = await scan();
        expect(artifacts.map(({ path }) => path.split('/').at(-1))).toContain('last');
        expect(summary).toMatchObject({ exit: 2, complete: false });
        expect(summary.warnings.map(({ code }) => code)).toEqual(['permission-denied', 'permission-denied']);
        for (const { message, hint } of summary.warnings) {
          expect(message).toMatch(/denied|closed/);
          expect(hint).toBeTruthy();
        }
        writeFileSync(join(folder, 'dumps/open/last'), githubToken(random));
        expect((await scan()).summary).toMatchObject({ exit: 1, complete: false });
      } finally {
        chmodSync(join(folder, 'dumps/closed'), 0o755);
      }
    });
  });
});
