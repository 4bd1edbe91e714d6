import { createCipheriv, createHash, createHmac } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { p256Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { scanWithin } from '../../src/api/scan.js';
import type { ScanEvent, ScanOptions } from '../../src/index.js';
import { PageCache } from '../../src/source/page-cache.js';
import type { Tuning } from '../../src/source/sources.js';
import { buildElfCore } from '../formats/build-elf.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { rsaFrom } from '../search/seeded.js';
import { program, sample, scratch } from '../source/collect.js';

/**
 * A large compressed file is swept while it is decoded, a small one from a spool. The reports must be equal.
 */

const MiB = 2 ** 20;
const files = scratch();
afterAll(() => files.remove());
afterEach(() => {
  jest.restoreAllMocks();
});

const random = new SeededRandom('decoded');
const token = () => Buffer.from(` ${githubToken(random)} `);

/** Incompressible noise, then words; with tokens at the borders of tasks and chunks. */
function content(): Buffer {
  const noise = createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(
    Buffer.alloc(9 * MiB),
  );
  const bytes = Buffer.concat([noise, sample(4 * MiB)]);
  const key = p256Key(random);
  for (const [at, what] of [
    [0, token()],
    [4 * MiB - 20, token()],
    [8 * MiB - 2, token()],
    [9 * MiB + 5, Buffer.from(pkcs8Pem(key))],
    [10 * MiB - 7, token()],
    [12 * MiB + 3, key.export({ format: 'der', type: 'sec1' })],
    [bytes.length - 42, token()],
  ] as const)
    bytes.set(what.subarray(0, bytes.length - at), at);
  return bytes;
}

const core = fixtureDumps().find(({ name }) => name === 'signer.core')!.bytes;

const CODECS = {
  gz: ['gzip', ['-1', '-c']],
  zst: ['zstd', ['-1', '-q', '-c', '--no-check']],
} as const;
type Codec = keyof typeof CODECS;
const encoded = new Map<string, Buffer>();

/** Makes letters of noise: each word of noise could be part of a key, and all are searched. */
function quiet(noise: Uint8Array): void {
  for (let at = 0; at < noise.length; at++) noise[at] = 0x61 + (noise[at]! & 15);
}

/**
 * Bare keys at the borders of tasks and chunks, and runs of every length around them. Noise is left around
 * the borders of two tasks; `core` is searched with all of it.
 */
function numbers(): Buffer {
  const bytes = content();
  const ends = [0, 4 * MiB, 8 * MiB, 9 * MiB];
  for (const [i, end] of ends.slice(1).entries()) quiet(bytes.subarray(ends[i]! + 20_000, end - 20_000));
  for (const [i, cut] of [10 * MiB, 11 * MiB, 12 * MiB].entries()) {
    const bits = 1024 + 1024 * (i & 1);
    const jwk = rsaFrom(`decoded ${i}`, bits).export({ format: 'jwk' });
    const part = (name: 'n' | 'p' | 'q') => LAYOUTS['limbs-le']!(Buffer.from(jwk[name]!, 'base64url'));
    const heap = new Memory();
    heap.filler(4096);
    heap.noise(random, 20, 3 + i * 40);
    heap.chunk(part('n'));
    heap.noise(random, 3, 1500);
    heap.chunk(part('p'));
    heap.filler(5000);
    const q = heap.chunk(part('q'));
    heap.filler(4096);
    // The second prime is across the border.
    bytes.set(heap.bytes(), cut - q - 24);
  }
  const secret = random.bytes(32);
  const claims = ['{"alg":"HS256","typ":"JWT"}', '{"sub":"decoded"}'];
  const signed = claims.map((text) => Buffer.from(text).toString('base64url')).join('.');
  const jwt = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  bytes.set(Buffer.from(` ${jwt} `), 11.5 * MiB);
  const heap = new Memory();
  heap.filler(1024);
  heap.chunk(secret);
  heap.filler(1024);
  bytes.set(heap.bytes(), 12.5 * MiB);
  return bytes;
}

const contents = {
  noise: content(),
  core: Buffer.concat([core, content()]),
  numbers: numbers(),
};

beforeAll(() => {
  for (const [codec, [command, args]] of Object.entries(CODECS))
    for (const [name, bytes] of Object.entries(contents))
      encoded.set(`${name}.${codec}`, program(command, [...args], bytes));
});

async function reportOf(
  path: string,
  options: Partial<ScanOptions> = {},
  tuning: Tuning = {},
): Promise<ScanEvent[]> {
  const events: ScanEvent[] = [];
  for await (const event of scanWithin({ paths: [path], entropyNet: false, ...options }, tuning))
    events.push(event);
  return events;
}

/** Events without what differs between scans. */
function comparable(events: readonly ScanEvent[]): unknown[] {
  return events
    .filter(({ type }) => type !== 'run')
    .map((event) => {
      const { seconds, ...rest } = event as ScanEvent & { seconds?: number };
      return rest;
    });
}

const findings = (events: readonly ScanEvent[]) =>
  events.flatMap((event) => (event.type === 'finding' ? [event] : []));
const artifact = (events: readonly ScanEvent[], index: number) => {
  const event = events.filter(({ type }) => type === 'artifact')[index];
  if (event?.type !== 'artifact') throw new Error('no such artifact');
  return event;
};

/** A file, and both ways of scanning it. */
async function bothWays(name: string, bytes: Uint8Array, options: Partial<ScanOptions> = {}) {
  const path = files.write(name, bytes);
  const swept = await reportOf(path, options);
  const spooled = await reportOf(path, options, { large: Number.POSITIVE_INFINITY });
  expect(comparable(swept)).toEqual(comparable(spooled));
  return swept;
}

/** Open descriptors, except of code that a thread was loading when it was ended: Node leaks these. */
const descriptors = (): number =>
  fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return !fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith('.js');
    } catch {
      return false; // the folder's own, which is closed by now
    }
  }).length;

describe.each(Object.keys(CODECS) as Codec[])('%s', (codec) => {
  test.each([1, 3])('with %d jobs the findings and places are those of a spool', async (jobs) => {
    const events = await bothWays(`noise.${codec}`, encoded.get(`noise.${codec}`)!, { jobs, hash: true });
    const whole = artifact(events, 1);
    expect(whole.size).toBe(contents.noise.length);
    expect(whole.sha256).toBe(createHash('sha256').update(contents.noise).digest('hex'));
    expect(whole.coverage.file.unread).toEqual([]);
    // Five tokens, and a key in two places: to search for copies the content is decoded again.
    const inside = findings(events).map(
      ({ occurrences }) => occurrences.filter(({ artifact }) => artifact === 1).length,
    );
    expect(inside.filter((count) => count > 0).sort()).toEqual([1, 1, 1, 1, 1, 2]);
  });

  test('bare keys at the borders of tasks are found as in a spool', async () => {
    const path = files.write(`numbers.${codec}`, encoded.get(`numbers.${codec}`)!);
    // No spool is used, not even for copies: there is no room for one.
    const events = await reportOf(path, { entropyNet: true, spoolDir: '/proc/self' });
    const spooled = await reportOf(path, { entropyNet: true }, { large: Number.POSITIVE_INFINITY });
    expect(comparable(events)).toEqual(comparable(spooled));
    const rules = findings(events).map(({ ruleId }) => ruleId);
    expect(rules.filter((rule) => rule === 'private-key-number')).toHaveLength(3);
    expect(rules).toContain('signing-secret-number');
  });

  test('a core keeps its process, segments and regions', async () => {
    const options = { entropyNet: true, hash: true };
    const events = await bothWays(`core.${codec}`, encoded.get(`core.${codec}`)!, options);
    expect(artifact(events, 1).format).toBe('elf-core');
    expect(artifact(events, 1).process).not.toBeUndefined();
    expect(findings(events).length).toBeGreaterThan(0);
  });

  test('a cut, damage and a wrong checksum are reported with range and reason', async () => {
    const bytes = encoded.get(`noise.${codec}`)!;
    const cut = await bothWays(`cut.${codec}`, bytes.subarray(0, bytes.length - MiB), { hash: true });
    expect(artifact(cut, 1).warnings.map(({ code }) => code)).toContain('container-truncated');
    const damaged = Buffer.from(bytes);
    // In the noise: zstd stores it as raw blocks with headers 128 KiB apart, so that one is overwritten.
    damaged.fill(0xff, 4 * MiB, 4 * MiB + 256 * 1024);
    const broken = await bothWays(`damaged.${codec}`, damaged);
    expect(artifact(broken, 1).coverage.file.unread.length).toBeGreaterThan(0);
    if (codec === 'zst') return;
    const doubtful = Buffer.from(bytes);
    const sum = bytes.length - 8;
    doubtful[sum] = doubtful[sum]! ^ 1;
    const doubted = await bothWays(`doubted.${codec}`, doubtful);
    expect(artifact(doubted, 1).warnings.map(({ code }) => code)).toContain('container-checksum');
  });

  test('an abort while both are swept reports the unread bytes of the container', async () => {
    const bytes = encoded.get(`noise.${codec}`)!;
    const path = files.write(`early.${codec}`, bytes);
    const abort = new AbortController();
    const events = await reportOf(path, {
      signal: abort.signal,
      onProgress: ({ bytes }) => {
        if (bytes > 4 * MiB) abort.abort('time-limit');
      },
    });
    const { unread, bytes: length } = artifact(events, 0).coverage.file;
    expect(length).toBe(bytes.length);
    expect(unread).toMatchObject([{ reason: expect.stringContaining('time-limit') }]);
    expect(unread[0]!.offset + unread[0]!.length!).toBe(bytes.length);
    expect(events.at(-1)).toMatchObject({ type: 'summary', complete: false });
  });

  test('an abort while it is decoded leaves no file or descriptor', async () => {
    const folder = join(files.folder, `spool-${codec}`);
    fs.mkdirSync(folder);
    const path = files.write(`abort.${codec}`, encoded.get(`noise.${codec}`)!);
    const before = descriptors();
    const abort = new AbortController();
    let seen = 0;
    const events = await reportOf(path, {
      spoolDir: folder,
      signal: abort.signal,
      onProgress: ({ bytes }) => {
        seen = bytes;
        if (bytes > encoded.get(`noise.${codec}`)!.length + 4 * MiB) abort.abort('time-limit');
      },
    });
    expect(seen).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ type: 'summary', complete: false });
    expect(fs.readdirSync(folder)).toEqual([]);
    // A thread that was ended closes its own a moment later.
    for (let tries = 0; descriptors() > before && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(descriptors()).toBe(before);
  });
});

test('members of a tar archive in a large container are searched', async () => {
  const inside = files.write('inside.bin', contents.noise);
  const tar = program('tar', ['-cz', '-C', files.folder, '-f', '-', 'inside.bin'], Buffer.alloc(0));
  fs.rmSync(inside);
  const events = await bothWays('inside.tgz', tar);
  expect(artifact(events, 2)).toMatchObject({
    path: expect.stringMatching(/inside\.tgz!inside\.bin$/),
    coverage: { file: { unread: [] } },
  });
  expect(findings(events).length).toBeGreaterThan(0);
});

test('a container within a large one is opened as well', async () => {
  const events = await bothWays('twice.gz', program('gzip', ['-1', '-c'], encoded.get('noise.gz')!));
  expect(events.filter(({ type }) => type === 'artifact')).toHaveLength(3);
});

test('a thread that fails in the search for copies is reported, and the findings stay', async () => {
  const path = files.write('fails.gz', encoded.get('noise.gz')!);
  const good = await reportOf(path);
  const { again } = PageCache.prototype;
  jest.spyOn(PageCache.prototype, 'again').mockImplementationOnce(function (this: PageCache) {
    const given = again.call(this);
    void given?.decoding.close();
    return given;
  });
  const events = await reportOf(path);
  expect(findings(events).map(({ ruleId }) => ruleId)).toEqual(findings(good).map(({ ruleId }) => ruleId));
  const whole = artifact(events, 1);
  expect(whole.warnings.map(({ code }) => code)).toEqual(['worker-failed']);
  expect(whole.coverage.file.unread).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: 'summary', complete: false });
});

test('a core with seams is decoded a second time, from start to end, and not a third time', async () => {
  const [first, second] = [contents.noise.subarray(0, 5 * MiB), contents.noise.subarray(5 * MiB)];
  const vaddr = 0x7f00_0000_0000n;
  const next = { vaddr: vaddr + BigInt(first.length), bytes: second, gap: 64 * 1024 };
  const { bytes } = buildElfCore({ segments: [{ vaddr, bytes: first }, next] });
  const again = jest.spyOn(PageCache.prototype, 'again');
  await bothWays('seams.gz', program('gzip', ['-1', '-c'], bytes));
  // Its pages were kept for the search for owners: seams need no spool of the whole.
  expect(again.mock.results.map(({ value }) => value === undefined)).toEqual([false]);
});

test('the text key of a token is searched for in kept pages; with --deep everywhere', async () => {
  const secret = Buffer.from(['some', 'words', 'without', 'any', 'look', 'at', 'all'].join('.'));
  const signed = ['{"alg":"HS256"}', '{"sub":"far"}']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const jwt = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  const bytes = Buffer.concat([contents.noise, Buffer.alloc(4 * MiB)]);
  quiet(bytes.subarray(0, contents.noise.length));
  bytes.set(Buffer.from(`\0${jwt}\0`), contents.noise.length + MiB);
  bytes.set(secret, contents.noise.length + 2 * MiB + 4096);
  const path = files.write('far.gz', program('gzip', ['-1', '-c'], bytes));
  const seen = (events: readonly ScanEvent[]) => [
    findings(events).filter(({ kind }) => kind === 'symmetric-key').length,
    artifact(events, 1).coverage.limits.flatMap(({ search }) => (/^hmac/.test(search) ? [search] : [])),
  ];
  expect(seen(await reportOf(path, { entropyNet: true }))).toEqual([0, ['hmac-pages']]);
  expect(seen(await reportOf(path, { entropyNet: true, deep: true }))).toEqual([1, []]);
  const spooled = await reportOf(path, { entropyNet: true }, { large: Number.POSITIVE_INFINITY });
  expect(seen(spooled)).toEqual([1, []]);
});
