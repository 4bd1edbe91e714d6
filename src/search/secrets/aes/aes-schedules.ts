import { Secret } from '../../../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { KeyMaterial } from '../../../core/model/key-material.js';
import type { SecretCandidate } from '../../../detect/core/types.js';
import type { Rule } from '../../../rules/types.js';
import { candidateOf } from '../../core/candidate.js';
import type { NumberKernel } from '../../core/kernel.js';
import type { RunBytes } from '../../core/run-bytes.js';
import type { RunList } from '../../core/run-list.js';
import { encryptionOrder, expandKey } from './key-expansion.js';

/** An AES key, found by its key schedule. */
interface ScheduleFound {
  key: Buffer;
  /** What the round keys are used for. */
  use: KeyOrder['use'];
  offset: number;
  length: number;
}

/** 32-bit words of a key and of its schedule: 4 (rounds + 1) (FIPS 197, section 5). */
const KEY_SIZES = [
  { key: 4, all: 44 },
  { key: 6, all: 52 },
  { key: 8, all: 60 },
] as const;
type KeySize = (typeof KEY_SIZES)[number];

/**
 * Bytes of a schedule that may lie outside its run: a key that is text, and the next round, whose words then
 * share their top bits.
 */
const MAX_LOST_BYTES = 48;

/** Words of runs between two pauses. */
const PACE = 1 << 12;

/**
 * Order of the round keys in memory: the position of word `index` of `all`, and the words in the order of
 * encryption.
 */
interface KeyOrder {
  use: 'encryption' | 'decryption';
  place(index: number, all: number): number;
  inOrder(words: Buffer): Buffer;
}

const KEY_ORDERS: readonly KeyOrder[] = [
  { use: 'encryption', place: (index) => index, inOrder: (words) => words },
  // The equivalent inverse cipher (5.3.5): last round first, and InvMixColumns on all but the first and last,
  // which is linear and so preserves sums.
  {
    use: 'decryption',
    place: (index, all) => all - 4 - (index & ~3) + (index & 3),
    inOrder: encryptionOrder,
  },
];

/** For a key size and order, three relations between words, as byte offsets: [sum, addend, addend]. */
interface SchedulePattern {
  size: KeySize;
  order: KeyOrder;
  relations: readonly (readonly [number, number, number])[];
}

/**
 * w[i] = w[i - n] ^ w[i - 1] (5.2) for three words of the last round but one, which all have the same mixing.
 */
const PATTERNS: readonly SchedulePattern[] = KEY_ORDERS.flatMap((order) =>
  KEY_SIZES.map((size) => ({
    size,
    order,
    relations: [1, 2, 3].map((i) => {
      const index = size.all - 8 + i;
      const at = (index: number) => order.place(index, size.all) * 4;
      return [at(index), at(index - size.key), at(index - 1)] as const;
    }),
  })),
);

/** AES keys of key schedules, as findings. */
export function* scheduledKeys(
  rule: Rule,
  kernel: NumberKernel,
  bytes: RunBytes,
  runs: RunList,
): Pausing<SecretCandidate> {
  for (const found of aesSchedules(kernel, bytes, runs)) {
    if (found === undefined) {
      yield;
      continue;
    }
    const { key, use, offset, length } = found;
    const material: KeyMaterial = { type: 'oct', k: new Secret(key) };
    const place = { offset, length, reading: 'bytes-be' as const };
    const evidence = [
      use === 'encryption'
        ? `all ${length / 4} words of the expanded key follow from its first ${key.length / 4}`
        : `all ${length / 4} words of the expanded key for decryption follow from the key`,
    ];
    const described = candidateOf(rule, { material, place, evidence, encoding: 'aes-schedule' });
    const title = `AES-${key.length * 8} key`;
    yield { ...described, confidence: 'high', title, preview: title };
  }
}

/**
 * AES key schedules (Halderman et al. 2008, here without bit errors). Most round words are the XOR of two
 * others in any byte order (AES instructions keep bytes, table implementations native words), which filters
 * positions cheaply; then the whole schedule is recomputed from the key.
 */
function* aesSchedules(kernel: NumberKernel, bytes: RunBytes, runs: RunList): Pausing<ScheduleFound> {
  const seen = new Set<string>();
  const pace = new Pace(PACE);
  // The entropy net may miss a word at either end, and a key that is text, before or after its run.
  for (const run of runs.ofWords(Math.ceil((KEY_SIZES[0].all * 4 - MAX_LOST_BYTES - 16) / 8))) {
    for (const { at, words, before, after, offset } of bytes.widePieces(run)) {
      const from = at - Math.min(MAX_LOST_BYTES + 8, before & ~3);
      const to = at + Math.min(words * 8 + MAX_LOST_BYTES + 8, after);
      if (pace.isDue(words)) yield;
      for (let p = from; p + KEY_SIZES[0].all * 4 <= to; p += 4) {
        for (const { size, order, relations: sums } of PATTERNS) {
          if (p + size.all * 4 > to || !sums.every((sum) => holds(kernel.bytes, p, sum))) continue;
          const stored = Buffer.from(kernel.bytes.subarray(p, p + size.all * 4));
          const key = keyOf(stored, size, order);
          const id = key && `${order.use} ${key.toString('latin1')}`;
          if (key === undefined || id === undefined || seen.has(id)) continue;
          seen.add(id);
          yield { key, use: order.use, offset: offset + p - at, length: stored.length };
        }
      }
    }
  }
}

function holds(bytes: Buffer, at: number, [sum, a, b]: readonly [number, number, number]): boolean {
  const both = bytes.readUInt32LE(at + a) ^ bytes.readUInt32LE(at + b);
  return both >>> 0 === bytes.readUInt32LE(at + sum);
}

/** The key, if the whole schedule follows from it in one of the two byte orders. */
function keyOf(stored: Buffer, { key, all }: KeySize, { inOrder }: KeyOrder): Buffer | undefined {
  for (const words of [stored, Buffer.from(stored).swap32()].map(inOrder)) {
    const start = words.subarray(0, key * 4);
    if (new Set(start).size > key && expandKey(start, all).equals(words)) return start;
  }
  return undefined;
}
