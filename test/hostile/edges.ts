import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ed25519Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import type { Finding, Occurrence } from '../../src/index.js';
import { kernelName } from '../../src/sweep/kernel-select.js';
import { buildElfCore, type SegmentSpec } from '../formats/build-elf.js';
import { withTempDir } from '../support/folder.js';
import { collect } from './collect.js';

/** A secret that an edge cuts after its first `split` bytes. */
interface Placement {
  form: string;
  bytes: Buffer;
  split: number;
}

const random = new SeededRandom('edges');
const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const pem = (key: KeyObject): string => pkcs8Pem(key).trim();
const jwk = (key: KeyObject): string => JSON.stringify(key.export({ format: 'jwk' }));

/** Made anew each time, so that each is a different secret. */
const SHORT: Readonly<Record<string, () => Buffer>> = {
  'token in UTF-8': () => Buffer.from(githubToken(random)),
  'token in UTF-16LE': () => Buffer.from(githubToken(random), 'utf16le'),
  'token in UTF-16BE': () => big(githubToken(random)),
  'Ed25519 key in DER': () => ed25519Key(random).export({ format: 'der', type: 'pkcs8' }),
  'Ed25519 key in PEM': () => Buffer.from(pem(ed25519Key(random))),
  'Ed25519 key in JWK': () => Buffer.from(jwk(ed25519Key(random))),
};

/** The anchors and ends, and a few places between. */
const LONG: Readonly<Record<string, (key: KeyObject) => Buffer>> = {
  'RSA key in PEM': (key) => Buffer.from(key.export({ format: 'pem', type: 'pkcs1' }).toString().trim()),
  'RSA key in UTF-16LE PEM': (key) => Buffer.from(pem(key), 'utf16le'),
  'RSA key in UTF-16BE PEM': (key) => big(pem(key)),
  'RSA key in DER': (key) => key.export({ format: 'der', type: 'pkcs1' }),
  'RSA key in PKCS#8': (key) => key.export({ format: 'der', type: 'pkcs8' }),
  'RSA key in JWK': (key) => Buffer.from(jwk(key)),
};

/** Every split of the short forms, representative ones of the long. */
function placements(): Placement[] {
  const short = Object.entries(SHORT).flatMap(([form, make]) =>
    Array.from({ length: make().length + 1 }, (_, split) => ({ form, bytes: make(), split })),
  );
  const long = Object.entries(LONG).flatMap(([form, make]) => {
    const bytes = make(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    const { length } = bytes;
    const ends = [0, 1, 3, 4, 5, 8, 15, 16, 26, 31, 32, 33, 64].flatMap((n) => [n, length - n]);
    return [...ends, 100, length >> 1, (length >> 1) + 1, length - 200].map((split) => ({
      form,
      bytes,
      split,
    }));
  });
  return [...short, ...long];
}

/** Filler that is neither text nor NUL: a token ends there, and UTF-16 is unambiguous in byte order. */
const FILLER = Buffer.alloc(16, 0xa5);

/** What the report must say about one place, as text so that a failure shows all differences. */
type Expected = Pick<Occurrence, 'offset' | 'length'> & Partial<Occurrence>;

function line({ offset, length, address, extents, notAdjacentInMemory }: Expected): string {
  const parts = extents?.map((extent) => `${extent.offset}+${extent.length}`).join(' ');
  return [
    `${offset}+${length}`,
    ...(address === undefined ? [] : [`at ${address}`]),
    ...(parts === undefined ? [] : [`in ${parts}`]),
    ...(notAdjacentInMemory ? ['not adjacent'] : []),
  ].join(' ');
}

function expectPlaces(
  findings: readonly Finding[],
  expected: readonly { form: string; split: number; place: Expected }[],
): void {
  const all = findings.flatMap((finding) => finding.occurrences.map((each) => ({ finding, each })));
  const found = all.map(({ each }) => line(each));
  const wanted = expected.map(({ place }) => line(place));
  const times = new Map<string, number>();
  for (const each of found) times.set(each, (times.get(each) ?? 0) + 1);
  const wrong = expected.filter(({ place }) => times.get(line(place)) !== 1);
  expect(
    wrong.map(
      ({ form, split, place }) =>
        `${form}, split at ${split}: ${times.get(line(place)) ?? 0} times ${line(place)}`,
    ),
  ).toEqual([]);
  const set = new Set(wanted);
  const more = all.filter(({ each }) => !set.has(line(each)));
  expect(
    more.map(
      ({ finding, each }) =>
        `${finding.title}, ${each.component ?? each.encoding}, ${finding.confidence}: ${line(each)}` +
        (each.partial ? ' partial' : ''),
    ),
  ).toEqual([]);
  const doubtful = findings.filter(({ confidence }) => confidence !== 'proven' && confidence !== 'high');
  expect(doubtful.map(({ title, confidence }) => `${title}: ${confidence}`)).toEqual([]);
}

/**
 * If the cut removes only part of a boundary line or an outermost NUL, one piece of memory still contains the
 * whole secret. Then its place there is as correct as the one in file order.
 */
function wholeInMemory<T extends { place: Expected }>(expected: T, findings: readonly Finding[]): T {
  const { offset, length } = expected.place;
  const inside = findings
    .flatMap(({ occurrences }) => occurrences)
    .filter((each) => each.offset < offset + length && offset < each.offset + each.length);
  const [only] = inside;
  const plain = only !== undefined && !only.partial && !only.notAdjacentInMemory && !only.extents;
  return inside.length === 1 && plain ? { ...expected, place: only } : expected;
}

const MiB = 2 ** 20;
/** Secrets in one file of the test of chunk edges, a mebibyte apart. */
const AT_A_TIME = 40;

/** Writes each secret at its place into a sparse file. */
function writeAt(path: string, placed: readonly { offset: number; bytes: Buffer }[], length?: number): void {
  const fd = openSync(path, 'w');
  try {
    for (const { offset, bytes } of placed) {
      const before = FILLER.subarray(0, Math.min(FILLER.length, offset));
      writeSync(fd, Buffer.concat([before, bytes, FILLER]), 0, undefined, offset - before.length);
    }
    if (length !== undefined) writeSync(fd, Buffer.alloc(1), 0, 1, length - 1);
  } finally {
    closeSync(fd);
  }
}

interface Layout {
  name: string;
  /** Segments with the secret cut in two, in file order. */
  segments(halves: readonly Halves[]): SegmentSpec[];
  notAdjacent?: true;
}

/** Both sides of one seam, with filler around the secret. */
interface Halves {
  left: Buffer;
  right: Buffer;
  /** Address of the first byte of `left`. */
  vaddr: bigint;
}

const SPACE = 0x10000n;
const FAR = SPACE * 0x1000n;

/** Cuts a piece in three with a tiny middle one. */
function thirds({ left, right, vaddr }: Halves): [SegmentSpec, SegmentSpec, SegmentSpec] {
  const tiny = right.subarray(0, 7);
  return [
    { vaddr, bytes: left },
    { vaddr: vaddr + BigInt(left.length), bytes: tiny },
    { vaddr: vaddr + BigInt(left.length + tiny.length), bytes: right.subarray(tiny.length) },
  ];
}

const first = ({ left, vaddr }: Halves): SegmentSpec => ({ vaddr, bytes: left });
const second = ({ left, right, vaddr }: Halves): SegmentSpec => ({
  vaddr: vaddr + BigInt(left.length),
  bytes: right,
});

const LAYOUTS: readonly Layout[] = [
  { name: 'far apart in the file', segments: (halves) => [...halves.map(first), ...halves.map(second)] },
  {
    name: 'in reverse order in the file',
    segments: (halves) => [...halves.map(second), ...halves.map(first)],
  },
  {
    name: 'three tiny segments in a row, out of order',
    segments: (halves) => [2, 0, 1].flatMap((part) => halves.map((each) => thirds(each)[part]!)),
  },
  {
    name: 'neighbours only in the file',
    notAdjacent: true,
    segments: (halves) =>
      // Farther from the next one than any detector reads.
      halves.flatMap((each) => [
        { ...first(each), gap: 48 * 1024 },
        { ...second(each), vaddr: each.vaddr + FAR },
      ]),
  },
];

/** File positions of the bytes [from, from + length) of one piece's memory, as the report must give them. */
function placeOf(
  core: { segments: readonly SegmentSpec[]; offsets: readonly number[] },
  address: bigint,
  length: number,
): Expected {
  const extents: { offset: number; length: number }[] = [];
  for (let done = 0; done < length; ) {
    const at = address + BigInt(done);
    const index = core.segments.findIndex(
      ({ vaddr, bytes }) => vaddr <= at && at < vaddr + BigInt(bytes?.length ?? 0),
    );
    const { vaddr, bytes } = core.segments[index]!;
    const into = Number(at - vaddr);
    const size = Math.min(length - done, bytes!.length - into);
    const last = extents.at(-1);
    const offset = core.offsets[index]! + into;
    if (last !== undefined && last.offset + last.length === offset) last.length += size;
    else extents.push({ offset, length: size });
    done += size;
  }
  return {
    offset: extents[0]!.offset,
    length,
    address: `0x${address.toString(16)}`,
    ...(extents.length > 1 ? { extents } : {}),
  };
}

/** Bytes by which a file is longer than where workers are used. */
const SHIFTS = [-65, -2, -1, 0, 1, 2, 63, 64];

/**
 * The edge tests of one kernel. Each kernel has its own test file, since an instance of the modules selects
 * one for its lifetime. Without a name it is the one that the machine selects, and of the places every
 * `step`th is tried.
 */
export function describeEdges(kernel?: 'relaxed' | 'simd', step = 1): void {
  if (kernel !== undefined) process.env.DUMPSIEVE_KERNEL = kernel;
  afterAll(() => {
    if (kernel !== undefined) delete process.env.DUMPSIEVE_KERNEL;
  });
  const all = placements().filter((_, i) => i % step === 0);

  describe(`a secret at every offset, ${kernel ?? 'selected'} kernel,`, () => {
    test('around chunk and task edges is found once', async () => {
      if (kernel !== undefined) expect(kernelName()).toBe(kernel);
      await withTempDir(async (folder) => {
        // A few at a time: every key of a file is searched for in the whole file again.
        for (let start = 0; start < all.length; start += AT_A_TIME) {
          const placed = all
            .slice(start, start + AT_A_TIME)
            .map((each, i) => ({ ...each, offset: (i + 1) * MiB - each.split }));
          const path = join(folder, `${start}`);
          writeAt(path, placed);
          const { findings, summary } = await collect({ paths: [path] });
          expectPlaces(
            findings,
            placed.map(({ form, split, offset, bytes }) => ({
              form,
              split,
              place: { offset, length: bytes.length },
            })),
          );
          expect(summary).toMatchObject({ complete: true, exit: 1 });
        }
      });
    });

    test('around the length at which workers are used is found once', async () => {
      await withTempDir(async (folder) => {
        const each = SHIFTS.flatMap((shift) =>
          Object.entries(SHORT)
            .slice(0, 3)
            .map(([form, make]) => ({ shift, form, bytes: make() })),
        );
        for (const { shift, form, bytes } of each.filter((_, i) => i % step === 0)) {
          const path = join(folder, `${form} ${shift}`);
          const offset = 8 * MiB + shift - bytes.length;
          writeAt(path, [{ offset, bytes: Buffer.alloc(0) }], 8 * MiB + shift);
          const fd = openSync(path, 'r+');
          writeSync(fd, Buffer.concat([FILLER, bytes]), 0, undefined, offset - FILLER.length);
          closeSync(fd);
          const { findings } = await collect({ paths: [path] });
          expectPlaces(findings, [{ form, split: shift, place: { offset, length: bytes.length } }]);
        }
      });
    });

    test('before the end of the file is found once', async () => {
      await withTempDir(async (folder) => {
        mkdirSync(join(folder, 'ends'));
        const files = Object.entries(SHORT).flatMap(([form, make]) =>
          Array.from({ length: Math.ceil(80 / step) }, (_, i) => ({ form, start: i * step, bytes: make() })),
        );
        for (const { form, start, bytes } of files)
          writeFileSync(
            join(folder, 'ends', `${form}.${start}`.replace('/', '')),
            Buffer.concat([Buffer.alloc(start, 0xa5), bytes]),
          );
        const { findings, artifacts } = await collect({ paths: [join(folder, 'ends')] });
        const found = findings.flatMap(({ occurrences }) =>
          occurrences.map((each) => `${artifacts[each.artifact]!.path.split('/').at(-1)} ${line(each)}`),
        );
        const wanted = files.map(({ form, start, bytes }) =>
          `${form}.${start}`.replace('/', '').concat(` ${start}+${bytes.length}`),
        );
        expect(found.sort()).toEqual(wanted.sort());
      });
    });

    test.each(LAYOUTS)('across a seam, $name, is found once', async ({ segments: lay, notAdjacent }) => {
      await withTempDir(async (folder) => {
        const halves = all.map(({ bytes, split }, i) => {
          const whole = Buffer.concat([FILLER, bytes, FILLER]);
          const cut = FILLER.length + split;
          return { left: whole.subarray(0, cut), right: whole.subarray(cut), vaddr: SPACE * BigInt(i + 1) };
        });
        const segments = lay(halves);
        const { bytes, offsets } = buildElfCore({ segments });
        writeFileSync(join(folder, 'core'), bytes);
        const { findings } = await collect({ paths: [join(folder, 'core')] });
        const expected = all.map(({ form, split, bytes: secret }, i) => {
          const { vaddr } = halves[i]!;
          const start = vaddr + BigInt(FILLER.length);
          if (notAdjacent && split > 0 && split < secret.length) {
            const offset = offsets[2 * i]! + FILLER.length;
            return {
              form,
              split,
              place: {
                offset,
                length: secret.length,
                address: `0x${start.toString(16)}`,
                notAdjacentInMemory: true,
              },
            };
          }
          const address =
            notAdjacent && split === 0 ? vaddr + SPACE * 0x1000n + BigInt(FILLER.length) : start;
          return { form, split, place: placeOf({ segments, offsets }, address, secret.length) };
        });
        expectPlaces(
          findings,
          notAdjacent ? expected.map((each) => wholeInMemory(each, findings)) : expected,
        );
      });
    });
  });
}
