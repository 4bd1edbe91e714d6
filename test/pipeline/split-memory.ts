import { createHmac, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../../fixtures/random.js';
import { PARTIAL_WORDS, writePartialWords } from '../../src/base/encodings/partial-words.js';
import type { Finding, Limit, Occurrence } from '../../src/model/report.js';
import { expandKey } from '../../src/search/aes/key-expansion.js';
import { buildElfCore } from '../formats/build-elf.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { ecFrom, ed25519From, rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Memory with a secret, and where the secret lies in it. */
export interface Planted {
  bytes: Buffer;
  at: number;
  length: number;
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
const digits30 = (value: Buffer) =>
  Buffer.concat([writePartialWords(number(value), PARTIAL_WORDS['digits30-le32'][0]!), Buffer.alloc(8)]);

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
  'key schedule of AES-256': planted([], Buffer.from(expandKey(aes, 60))),
  'secret of a token': planted([token], secret),
};

const BASE = 0x7f00_1234_0000n;

export interface Layout {
  /** Ascending offsets at which memory is cut into segments. */
  cuts: readonly number[];
  /** Order of the segments in the file. */
  order: readonly number[];
  /** Bytes between two segments in the file. */
  gap?: number;
}

/** A place as memory has it: independent of the layout of the file. */
export type PlaceInMemory = string;

/** Findings as lines, with their places in memory, and whether the extents in the file are right. */
export interface Found {
  lines: PlaceInMemory[];
  limits: Limit[];
}

/** Scans a core with the memory cut into segments. */
export async function scanSplit(memory: Buffer, { cuts, order, gap = 0 }: Layout): Promise<Found> {
  const bounds = [0, ...cuts, memory.length];
  const pieces = order.map((index) => ({ from: bounds[index]!, to: bounds[index + 1]! }));
  const { bytes, offsets } = buildElfCore({
    segments: pieces.map(({ from, to }) => ({
      vaddr: BASE + BigInt(from),
      bytes: memory.subarray(from, to),
      gap,
    })),
  });
  /** Offset in the memory of a byte of the file. */
  const inMemory = (offset: number): number => {
    const index = pieces.findIndex(
      ({ from, to }, i) => offset >= offsets[i]! && offset < offsets[i]! + to - from,
    );
    return index < 0 ? -1 : pieces[index]!.from + offset - offsets[index]!;
  };
  const placeOf = (occurrence: Occurrence): string => {
    const { offset, length, address, extents = [{ offset, length }] } = occurrence;
    const from = inMemory(offset);
    let to = from;
    for (const extent of extents) {
      if (inMemory(extent.offset) !== to) throw new Error(`extents ${JSON.stringify(extents)} have a gap`);
      to += extent.length;
      if (inMemory(extent.offset + extent.length - 1) !== to - 1) throw new Error('an extent leaves memory');
    }
    if (to - from !== length || extents[0]!.offset !== offset) throw new Error('extents of another length');
    if (BigInt(address ?? -1) !== BASE + BigInt(from)) throw new Error(`address ${address} of ${from}`);
    const { component = '', encoding = '', partial = false } = occurrence;
    return `${from}+${length} ${component} ${encoding}${partial ? ' partial' : ''}`;
  };
  return withTempDir(async (folder) => {
    const path = join(folder, 'core');
    writeFileSync(path, bytes);
    const findings: Finding[] = [];
    let limits: Limit[] = [];
    for await (const event of scan({ paths: [path], jobs: 1 })) {
      if (event.type === 'finding') findings.push(event);
      if (event.type === 'artifact') limits = event.coverage.limits;
    }
    const lines = findings.flatMap(({ ruleId, confidence, fingerprint, occurrences }) =>
      occurrences.map((place) => `${ruleId} ${confidence} ${fingerprint} ${placeOf(place)}`),
    );
    return { lines: lines.sort(), limits };
  });
}
