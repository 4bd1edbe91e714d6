import { chunk } from './chunk.js';
import type { RandomStream } from './stream.js';

/** Memory of one kind: `block` writes whole objects, about `BLOCK` bytes of them. */
export interface Kind {
  name: string;
  /** `index`: of the block. */
  block(random: RandomStream, index: number): Buffer;
}

/** Bytes of a block: keys lie between blocks. */
export const BLOCK = 16_384;

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Redis 7: robj with an embedded sdshdr8 in a slot of 64 bytes, without headers (jemalloc). */
function redisString(value: Buffer): Buffer {
  const slot = Buffer.alloc(64);
  // Type string, encoding embstr, an LRU time; one reference; the pointer to the characters.
  slot.writeUInt32LE(0x1234_5680, 0);
  slot.writeUInt32LE(1, 4);
  slot.writeBigUInt64LE(0x7f12_3456_0013n, 8);
  slot.set([value.length, value.length, 1], 16);
  slot.set(value, 19);
  return slot;
}

/** Redis 7: dictEntry of 24 bytes, which points at key and value, and the key's sds of 16. */
const dictEntry = (index: number): Buffer => {
  const entry = Buffer.alloc(24);
  for (let at = 0; at < 24; at += 8)
    entry.writeBigUInt64LE(0x7f12_0000_0000n + BigInt(index * 64 + at * 4_096), at);
  return entry;
};
const redisKey = (index: number): Buffer => {
  const key = Buffer.alloc(16);
  key.set([10, 10, 1]);
  key.write(`k:${String(index).padStart(8, '0')}`, 3);
  return key;
};

/** The three objects of a pair, each kind in pages of its own. */
function redis(random: RandomStream, index: number): Buffer {
  const first = index * 157;
  return Buffer.concat([
    ...times(157, () => redisString(random.bytes(32))),
    ...times(157, (i) => dictEntry(first + i)),
    ...times(157, (i) => redisKey(first + i)),
  ]);
}

/** glibc: chunks one behind the other. */
const chunks =
  (size: number): Kind['block'] =>
  (random) =>
    Buffer.concat(times(Math.round(BLOCK / (size + 16)), () => chunk(random.bytes(size))));

function uuid(random: RandomStream): string {
  const hex = random.bytes(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Lines of a log or of an API's answers, padded: malloc aligns what comes behind them. */
const json: Kind['block'] = (random, index) => {
  const text = times(64, (i) =>
    JSON.stringify({
      id: uuid(random),
      at: 1_700_000_000 + index * 64 + i,
      sha256: random.bytes(32).toString('hex'),
      etag: random.bytes(20).toString('hex'),
      body: random.bytes(32).toString('base64'),
    }),
  ).join('\n');
  return Buffer.from(text.padEnd(Math.ceil((text.length + 1) / 16) * 16, '\0'));
};

/** Words in a fixed order: text that no gate takes for random. */
const WORDS = 'the quick brown fox jumps over a lazy dog while seven wizards make toxic brew '.split(' ');

const words =
  (value: (index: number) => bigint): Kind['block'] =>
  (_, index) => {
    const block = Buffer.alloc(BLOCK);
    const first = index * (BLOCK / 8);
    for (let i = 0; i < BLOCK / 8; i++) block.writeBigUInt64LE(value(first + i), i * 8);
    return block;
  };

/** Kinds of noise, then (`quiet`) memory that is no noise. */
export const KINDS: readonly (Kind & { quiet?: true })[] = [
  { name: 'redis', block: redis },
  { name: 'malloc-32', block: chunks(32) },
  { name: 'malloc-128', block: chunks(128) },
  { name: 'json', block: json },
  { name: 'solid', block: (random) => random.bytes(BLOCK) },
  { name: 'zeros', quiet: true, block: () => Buffer.alloc(BLOCK) },
  { name: 'counters', quiet: true, block: words((i) => BigInt(i)) },
  {
    name: 'text',
    quiet: true,
    block: (random) => Buffer.from(Array.from(random.bytes(4_096), (i) => WORDS[i % WORDS.length]).join(' ')),
  },
  {
    name: 'pointers',
    quiet: true,
    block: words((i) => 0x7f12_3456_0000n + BigInt(((i * 2_654_435_761) % 2 ** 24) * 16)),
  },
];
