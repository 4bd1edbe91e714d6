import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { leftIn } from '../../../bench/redact/key-windows.js';
import { p256Key, pkcs8Pem, rsaKey } from '../../../fixtures/keys.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { encodingsOf } from '../../e2e/bare/encodings.js';
import { partsOf } from '../../e2e/bare/parts.js';
import { buildElfCore, type CoreSpec, prpsinfo, type SegmentSpec, Writer } from '../../formats/build-elf.js';
import {
  ARCHITECTURES,
  context,
  MinidumpBuilder,
  PLATFORM,
  STREAM,
  systemInfo,
  threadList,
} from '../../formats/build-minidump.js';
import { withTempDir } from '../../support/folder.js';
import { filledCopyOf } from './made-fill.js';
import { PRINTERS } from './printers.js';

/** Dumps that are made to mislead: nothing is left of their secrets, or there is no copy. */

const random = new SeededRandom('misleading copies');
const keys = { rsa: rsaKey(random, 1024), ec: p256Key(random) };
const [rsaPem, ecPem] = [Buffer.from(pkcs8Pem(keys.rsa)), Buffer.from(pkcs8Pem(keys.ec))];
const scalar = Buffer.from(keys.ec.export({ format: 'jwk' }).d!, 'base64url');
const token = Buffer.from(githubToken(random));
const PAGE = 4096;
const MiB = 2 ** 20;
/** The scan knows values that are derived from them in the forms that libraries have. */
const COMPONENTS = ['d', 'p', 'qinv'];
/** A heap far from all else, and what lies between its two parts in the file. */
const HEAP = 0x6000_0000n;
const OTHER = 0x9000_0000n;

const text = (length: number) => Buffer.alloc(length, 'a line of a log\n');
/** Bytes with parts at offsets of theirs. */
function memory(length: number, ...parts: [offset: number, bytes: Buffer][]): Buffer {
  const all = Buffer.alloc(length);
  for (const [offset, bytes] of parts) bytes.copy(all, offset);
  return all;
}

/** Two pages that are one by address; between them in the file another one. `at`: of the seam in `bytes`. */
const overSeam = (bytes: Buffer, at: number): SegmentSpec[] => [
  { vaddr: HEAP, bytes: memory(PAGE, [PAGE - at, bytes.subarray(0, at)]) },
  { vaddr: OTHER, bytes: text(PAGE) },
  { vaddr: HEAP + BigInt(PAGE), bytes: memory(PAGE, [0, bytes.subarray(at)]) },
];

/** Random memory would be searched for numbers of keys. */
const coreOf = (segments: SegmentSpec[], spec: CoreSpec = {}) =>
  buildElfCore({ notes: [prpsinfo({ bits: 64, endian: 'le' }, 7, 'program', 'program')], ...spec, segments });

/** Program headers of a core, from the last on. */
function changed(segments: SegmentSpec[], change: (header: (fromLast: number) => Header) => void): Buffer {
  const { bytes, phoff, phentsize, phnum } = coreOf(segments);
  const copy = Buffer.from(bytes);
  change((fromLast) => {
    const at = phoff + phentsize * (phnum - 1 - fromLast);
    const field = (offset: number) => ({
      get: () => Number(copy.readBigUInt64LE(at + offset)),
      set: (value: number) => copy.writeBigUInt64LE(BigInt(value), at + offset),
    });
    return { offset: field(8), memsz: field(40) };
  });
  return copy;
}

type Field = { get(): number; set(value: number): void };
type Header = { offset: Field; memsz: Field };

const secretsIn = memory(PAGE, [100, rsaPem], [1500, token], [2000, ecPem], [3000, scalar]);
const inGzip = gzipSync(Buffer.concat([text(900), rsaPem, random.bytes(900)]));

/** What is in them, is not to be seen in them. */
const STREAMS = [
  deflateSync(Buffer.concat([text(200), token])),
  gzipSync(gzipSync(Buffer.concat([text(200), token]))),
  Buffer.from(Buffer.from(ecPem.toString(), 'utf16le').toString('base64')),
];

/** Memory ranges of a minidump: two of them are over the same bytes, by address and in the file. */
function minidump(): Buffer {
  const file = new MinidumpBuilder();
  const [address, size] = [HEAP, PAGE];
  const rva = file.put(secretsIn);
  const stack = { address: 0x7000_0000n, size: PAGE, rva: file.put(text(PAGE)) };
  const thread = context('amd64', stack.address + 64n);
  const registers = { rva: file.put(thread), size: thread.length };
  const list = new Writer('le').u32(3);
  for (const [start, at] of [
    [address, rva],
    [address + 512n, rva + 512],
    [OTHER, rva + 64],
  ] as const)
    list.u64(start).u32(size - 512, at);
  return file
    .stream(STREAM.system, systemInfo(ARCHITECTURES.amd64.number, PLATFORM.linux))
    .stream(STREAM.threads, threadList([{ id: 1, stack, context: registers }]))
    .stream(STREAM.memory, list.done())
    .done();
}

const CORES: [name: string, dump: () => Buffer][] = [
  ['a key as text over a seam', () => coreOf(overSeam(rsaPem, 300)).bytes],
  ['a token over a seam', () => coreOf(overSeam(token, 15)).bytes],
  [
    'a known scalar over a seam',
    () => coreOf([{ vaddr: 0x7000_0000n, bytes: secretsIn }, ...overSeam(scalar, 13)]).bytes,
  ],
  [
    'in two segments over the same bytes',
    () =>
      changed(
        [
          { vaddr: HEAP, bytes: secretsIn },
          { vaddr: OTHER, bytes: text(PAGE) },
        ],
        (header) => header(0).offset.set(header(1).offset.get()),
      ),
  ],
  [
    'in two segments over some of the same bytes',
    () =>
      changed(
        [
          { vaddr: HEAP, bytes: secretsIn },
          { vaddr: OTHER, bytes: secretsIn },
        ],
        (header) => header(0).offset.set(header(1).offset.get() + 128),
      ),
  ],
  [
    'two segments at the same addresses',
    () =>
      coreOf([
        { vaddr: HEAP, bytes: secretsIn },
        { vaddr: HEAP + 100n, bytes: secretsIn },
      ]).bytes,
  ],
  [
    'in a segment of no memory',
    () => changed([{ vaddr: HEAP, bytes: secretsIn }], (header) => header(0).memsz.set(0)),
  ],
  [
    'in a gap between segments',
    () => {
      const { bytes, offsets } = coreOf([{ vaddr: HEAP, bytes: text(PAGE), gap: 2 * PAGE }]);
      secretsIn.copy(bytes, offsets.at(-1)! - PAGE - 100);
      return bytes;
    },
  ],
  [
    'behind section headers',
    () => Buffer.concat([coreOf([{ vaddr: HEAP, bytes: text(PAGE) }], { layout: 'gcore' }).bytes, secretsIn]),
  ],
  [
    'in notes and their owners',
    () => {
      const owner = { owner: rsaPem.toString(), type: 9, desc: token };
      const notes = [{ owner: 'X', type: 9, desc: secretsIn }, owner];
      return coreOf([{ vaddr: HEAP, bytes: text(PAGE) }], { notes }).bytes;
    },
  ],
  ['in ranges of a minidump that overlap', minidump],
];

const RAW: [name: string, dump: () => Buffer][] = [
  [
    'over the pieces in which files are read',
    () =>
      memory(
        5 * MiB,
        [64, rsaPem],
        [MiB - 300, rsaPem],
        [2 * MiB - 11, token],
        [3 * MiB - 13, scalar],
        [4 * MiB - 500, ecPem],
        [4 * MiB + 900, token],
      ),
  ],
  [
    'compressed twice, and as UTF-16 in base64',
    () => memory(8 * PAGE, ...STREAMS.map((stream, index): [number, Buffer] => [100 + PAGE * index, stream])),
  ],
  [
    '3,000 places of one key',
    () => Buffer.concat(Array.from({ length: 3000 }, (_, index) => Buffer.concat([text(index % 9), ecPem]))),
  ],
  [
    'keys in every encoding',
    () =>
      Buffer.concat(
        [
          rsaPem,
          ecPem,
          ...Object.values(keys).flatMap((key) =>
            partsOf(key)
              .filter(({ name }) => COMPONENTS.includes(name))
              .flatMap((part) => [
                ...encodingsOf(part).map(({ bytes }) => bytes),
                ...Object.values(PRINTERS).map((print) => print(part.bytes)),
              ]),
          ),
        ].flatMap((part) => [random.bytes(5), Buffer.alloc(8), part, Buffer.alloc(8)]),
      ),
  ],
];

/** The token behind its prefix, as far as a seam in it, and what follows. */
const PARTS_OF_TOKEN = [token.subarray(4, 15), token.subarray(15)];

/** Searches of their own: parts of keys, the token in four spellings, and what printers print. */
async function leftOf(copy: Buffer): Promise<string[]> {
  const left = await withTempDir((folder) => {
    const file = join(folder, 'copy');
    writeFileSync(file, copy);
    return [...leftIn(file, keys).keys()];
  });
  for (const stream of STREAMS) if (copy.includes(stream.subarray(20, -20))) left.push('a stream');
  if (PARTS_OF_TOKEN.some((part) => copy.includes(part))) left.push('parts of the token');
  const wide = Buffer.from(token.toString(), 'utf16le');
  for (const spelling of [
    token,
    wide,
    ...[0, 1, 2].map((from) => Buffer.from(token.subarray(from).toString('base64').slice(0, -4))),
  ])
    if (copy.includes(spelling)) left.push('the token');
  for (const [name, print] of Object.entries(PRINTERS)) {
    const printed = print(scalar);
    if (copy.includes(printed.subarray(printed.length >> 2, -(printed.length >> 2)))) left.push(name);
  }
  return left;
}

/** It is not clear which of the two goes on behind a seam. */
const REFUSED = ['two segments at the same addresses'];

describe.each([...CORES, ...RAW])('secrets: %s', (name, dump) => {
  test('are all gone, or there is no copy', async () => {
    const bytes = dump();
    expect((await leftOf(bytes)).length).toBeGreaterThan(0);
    if (REFUSED.includes(name)) {
      await expect(filledCopyOf(bytes)).rejects.toMatchObject({ code: 'redact-limits', exit: 2 });
      return;
    }
    const { copy, exit } = await filledCopyOf(bytes);
    expect(await leftOf(copy)).toEqual([]);
    expect(exit).toBe(0);
  });
});

test('a stream that goes on behind a seam is filled on both sides', async () => {
  const { bytes, offsets } = coreOf(overSeam(inGzip, 700));
  const { copy } = await filledCopyOf(bytes);
  const [first, , second] = offsets.slice(-3) as [number, number, number];
  expect(copy.subarray(first + PAGE - 700, first + PAGE).every((byte) => byte === 0)).toBe(true);
  expect(copy.subarray(second, second + inGzip.length - 700).every((byte) => byte === 0)).toBe(true);
});
