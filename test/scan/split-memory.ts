import { createHmac, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../../fixtures/random.js';
import type { Limit } from '../../src/core/limits/limit.js';
import type { Finding, Occurrence } from '../../src/core/model/report.js';
import { expandKey } from '../../src/search/secrets/aes/key-expansion.js';
import { buildElfCore, Writer } from '../formats/build-elf.js';
import { MachoBuilder } from '../formats/build-macho.js';
import { MinidumpBuilder, memory64List, STREAM } from '../formats/build-minidump.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { ecFrom, ed25519From, rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { WRITERS } from '../support/number-writers.js';
import { scan } from '../support/scan.js';

/** Memory with a secret, and where the secret lies in it. */
export interface Planted {
  bytes: Buffer;
  at: number;
  length: number;
  /** Rules to enable; the net is then compiled for each scan. */
  rules?: string[];
}

const rsa = rsaFrom('seams', 2048);
const member = (key: KeyObject, name: 'n' | 'p' | 'q' | 'd' | 'x') =>
  Buffer.from(key.export({ format: 'jwk' })[name]!, 'base64url');
const limbs = (big: Buffer) => LAYOUTS['limbs-le']!(big);
const [n, p, q] = (['n', 'p', 'q'] as const).map((name) => member(rsa, name)) as [Buffer, Buffer, Buffer];
const p256 = ecFrom('seams', 'P-256', 'prime256v1', 32);
const ed25519 = ed25519From('seams');
const random = new SeededRandom('seams');
const secret = random.bytes(32);
const aes = random.bytes(32);

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${encode({ alg: 'HS256' })}.${encode({ sub: 'seams' })}`;
const token = Buffer.from(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}\0`);

const number = (value: Buffer) => BigInt(`0x${value.toString('hex')}`);
const digits30 = (value: Buffer) => Buffer.concat([WRITERS['digits30-le32'](number(value)), Buffer.alloc(8)]);

/** The secret among other chunks; what proves it lies far before. */
function planted(known: readonly Buffer[], value: Buffer): Planted {
  const memory = new Memory();
  memory.filler(3000);
  for (const chunk of known) memory.chunk(Buffer.concat([chunk, Buffer.alloc((8 - (chunk.length % 8)) % 8)]));
  memory.filler(14_000);
  const at = memory.chunk(value);
  memory.filler(14_000);
  return { bytes: memory.bytes(), at, length: value.length };
}

const point = Buffer.concat([limbs(p256.x), limbs(p256.y)]);

export const SECRETS: Readonly<Record<string, Planted>> = {
  'prime of RSA-2048': planted([limbs(n)], limbs(p)),
  'prime of RSA-2048, big-endian': planted([n], p),
  'n, p, q of RSA-2048': planted([], Buffer.concat([n, p, q].map(limbs))),
  'prime of RSA-2048 in digits of 30 bits': planted([limbs(n)], digits30(p)),
  'scalar of P-256': planted([point], limbs(p256.d)),
  'scalar of P-256 as hexadecimal text': planted([point], Buffer.from(`${p256.d.toString('hex')}\0`)),
  'scalar of P-256 as base64url': planted([point], Buffer.from(`${p256.d.toString('base64url')}\0`)),
  'seed and public key of Ed25519': planted([], Buffer.concat([member(ed25519, 'd'), member(ed25519, 'x')])),
  'key schedule of AES-256': {
    ...planted([], Buffer.from(expandKey(aes, 60))),
    rules: ['aes-key-schedule'],
  },
  'secret of a token': planted([token], secret),
  'token whose prefix the value net finds': planted(
    [],
    Buffer.from(`\0dop_v1_${random.bytes(32).toString('hex')}\0`, 'utf16le'),
  ),
  'named value': planted([], Buffer.from(`\0JWT_SECRET=${random.bytes(24).toString('base64url')}\0`)),
  // Found by the sweep for copies alone.
  'decimal copy of a proven scalar': planted(
    [Buffer.from(`${p256.key.export({ format: 'pem', type: 'pkcs8' })}\0`)],
    Buffer.from(`${number(p256.d)}\0`),
  ),
};

const BASE = 0x7f00_1234_0000n;

interface Piece {
  address: bigint;
  bytes: Buffer;
}

interface Written {
  bytes: Buffer;
  /** File offset of each piece. */
  offsets: number[];
}

/** Dump formats that say where their memory was, with the pieces in file order. `gap`: bytes before each. */
export const FORMATS = {
  'elf-core': (pieces, gap) =>
    buildElfCore({ segments: pieces.map(({ address, bytes }) => ({ vaddr: address, bytes, gap })) }),
  minidump: (pieces, gap) => {
    const builder = new MinidumpBuilder();
    builder.put(Buffer.alloc(gap));
    const offsets = pieces.map(({ bytes }) => builder.put(bytes));
    const ranges = pieces.map(({ address, bytes }) => ({ address, size: bytes.length }));
    return { bytes: builder.stream(STREAM.memory64, memory64List(offsets[0]!, ranges)).done(), offsets };
  },
  'mach-o-core': (pieces) => {
    const builder = new MachoBuilder({ bits: 64, order: 'le', cputype: 0x0100_0007 });
    for (const { address, bytes } of pieces) builder.segment(address, bytes);
    return { bytes: builder.done(), offsets: builder.offsets() };
  },
  lime: (pieces) => {
    const file = new Writer('le');
    const offsets: number[] = [];
    let end = 0;
    for (const { address, bytes } of pieces) {
      const last = address + BigInt(bytes.length) - 1n;
      file.raw('EMiL').u32(1).u64(address, last).zeros(8).raw(bytes);
      offsets.push(end + 32);
      end += 32 + bytes.length;
    }
    return { bytes: file.done(), offsets };
  },
} satisfies Record<string, (pieces: readonly Piece[], gap: number) => Written>;

/** How memory lies in a file. */
export interface Layout {
  format?: keyof typeof FORMATS;
  /** Ascending offsets at which memory is cut into segments. */
  cuts: readonly number[];
  /** Segments in the order of the file. */
  order: readonly number[];
  gap?: number;
  /** Bytes by which each segment but the first is moved away in memory. */
  apart?: bigint;
}

/** Findings by their places in memory, the same for any order of the file. */
export interface Found {
  lines: string[];
  occurrences: Occurrence[];
  limits: Limit[];
}

/** Scans a dump with memory cut into segments, and checks addresses and extents of all places. */
export async function scanSplit(
  { bytes: memory, rules = [] }: Pick<Planted, 'bytes' | 'rules'>,
  layout: Layout,
): Promise<Found> {
  const { cuts, order, gap = 0, format = 'elf-core', apart = 0n } = layout;
  const bounds = [0, ...cuts, memory.length];
  const pieces = order.map((index) => ({
    from: bounds[index]!,
    to: bounds[index + 1]!,
    address: BASE + BigInt(bounds[index]!) + apart * BigInt(index),
  }));
  const { bytes, offsets } = FORMATS[format](
    pieces.map(({ from, to, address }) => ({ address, bytes: memory.subarray(from, to) })),
    gap,
  );
  /** The place in memory of a byte of the file. */
  const inMemory = (offset: number) => {
    const index = pieces.findIndex(({ from, to }, i) => {
      const at = offset - offsets[i]!;
      return at >= 0 && at < to - from;
    });
    const piece = pieces[index];
    if (piece === undefined) throw new Error(`${offset} is not in memory`);
    const at = offset - offsets[index]!;
    return { at: piece.from + at, address: piece.address + BigInt(at) };
  };
  const placeOf = ({ offset, length, address, extents, ...place }: Occurrence): string => {
    const { at, address: first } = inMemory(offset);
    let to = at;
    for (const extent of extents ?? [{ offset, length }])
      for (let byte = 0; byte < extent.length; byte++, to++)
        if (inMemory(extent.offset + byte).at !== to) throw new Error(`byte ${to - at} is at another place`);
    if (to - at !== length) throw new Error(`${to - at} of ${length} bytes have extents`);
    if (extents !== undefined && extents[0]?.offset !== offset) throw new Error('extents begin elsewhere');
    if (BigInt(address ?? 0) !== first) throw new Error(`${address} is not the address of ${offset}`);
    const { component = '', encoding = '', partial = false } = place;
    return `${at}+${length} ${component} ${encoding}${partial ? ' partial' : ''}`;
  };
  return withTempDir(async (folder) => {
    const path = join(folder, 'core');
    writeFileSync(path, bytes);
    const findings: Finding[] = [];
    let limits: Limit[] = [];
    for await (const event of scan({
      paths: [path],
      jobs: 1,
      ...(rules.length > 0 ? { with: rules } : {}),
    })) {
      if (event.type === 'finding') findings.push(event);
      if (event.type === 'artifact') limits = event.coverage.limits;
    }
    const lines = findings.flatMap(({ ruleId, confidence, fingerprint, occurrences }) =>
      occurrences.map((place) => `${ruleId} ${confidence} ${fingerprint} ${placeOf(place)}`),
    );
    const occurrences = findings.flatMap((finding) => finding.occurrences);
    return { lines: lines.sort(), occurrences, limits };
  });
}
