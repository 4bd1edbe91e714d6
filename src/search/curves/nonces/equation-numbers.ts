import { toBigint } from '../../../core/base/bytes/integers.js';
import { TEXT_ENCODINGS, toNumber, WORD_ENCODINGS } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type { WordEncoding } from '../../core/types.js';
import { WordIndex } from '../../core/word-index.js';
import { type CurveNumbers, indicesOf } from '../numbers/curve-numbers.js';
import { ARRAY_START } from '../numbers/number-flags.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import type { Nonce } from './nonce-signatures.js';

/** Numbers kept as a possible s: 150 bytes each. */
const MAX_SIGNATURES = 1 << 17;
/** Octets of the numbers that may be a digest. */
const DIGEST_SIZES = [32, 40, 48, 64, 72] as const;

/** A number of the dump, and the offsets of its first and last occurrence. */
export interface RepeatedNumber {
  value: bigint;
  places: readonly number[];
}

interface EquationNumbers {
  /** Numbers that may be s of a signature. */
  signatures: readonly RepeatedNumber[];
  /** Numbers that were left out. */
  left: number;
  /** The lowest words of all numbers that may be the digest that was signed. */
  digests: WordIndex;
}

/** A set of numbers and how to read them. */
interface Source {
  set: NumberSet;
  reading: WordEncoding;
  /** Only numbers with the flag `ARRAY_START` have this encoding. */
  arrays?: boolean;
}

/** The 64-bit word of a number at distance `from` from its least significant end, in bytes. */
const WORD_AT: Readonly<Record<WordEncoding, (bytes: Buffer, from: number) => bigint>> = {
  'limbs-le': (bytes, from) => bytes.readBigUInt64LE(from),
  'bytes-be': (bytes, from) => bytes.readBigUInt64BE(bytes.length - from - 8),
  'int32-msw': (bytes, from) => {
    const at = bytes.length - from - 8;
    return (BigInt(bytes.readUInt32LE(at)) << 32n) | BigInt(bytes.readUInt32LE(at + 4));
  },
};

/** The sets of numbers of a size, in each of their encodings. */
function sourcesOf(numbers: CurveNumbers, size: number): Source[] {
  const inDigits = [...numbers.jsEngineSets(size).values(), ...(numbers.inWords.get(size)?.values() ?? [])];
  const texts = TEXT_ENCODINGS.flatMap((reading) => numbers.texts[reading].get(size) ?? []);
  const whole = numbers.bySize.get(size);
  return [
    ...inDigits.map((set) => ({ set, reading: 'limbs-le' }) as const),
    ...texts.map((set) => ({ set, reading: 'bytes-be' }) as const),
    ...(whole ? WORD_ENCODINGS.map((reading) => ({ set: whole, reading, arrays: true })) : []),
  ];
}

function* indicesIn({ set, reading, arrays }: Source): Generator<number> {
  const needed = arrays && reading === 'int32-msw' ? ARRAY_START : 0;
  for (let i = 0; i < set.length; i++) if ((set.flags(i) & needed) === needed) yield i;
}

/** The halves s of r || s in texts. */
function* halvesOf(texts: NumberSet): Generator<RepeatedNumber> {
  for (const i of indicesOf(texts))
    yield { value: toBigint(texts.at(i).subarray(texts.size / 2)), places: [texts.offset(i), texts.last(i)] };
}

/**
 * What the equation of a signature is tried with. `seen`: signatures whose r is known; `texts`: decoded
 * r || s.
 */
export function equationNumbers(
  numbers: CurveNumbers,
  { width, domain: { n, size } }: KernelCurve,
  seen: readonly Nonce[],
  texts: NumberSet,
): EquationNumbers {
  const signatures: RepeatedNumber[] = [];
  const digests = new WordIndex();
  let left = 0;
  const sign = (number: RepeatedNumber): void => {
    // s = n would make s k zero and h = -r d, which could be placed beside a key to hide it.
    if (number.value === 0n || number.value >= n) return;
    if (signatures.length < MAX_SIGNATURES) signatures.push(number);
    else left++;
  };
  for (const { s, offset } of seen) sign({ value: s, places: [offset] });
  if (texts.size === 2 * size) for (const number of halvesOf(texts)) sign(number);
  for (const octets of DIGEST_SIZES) {
    // A longer digest is cut to the order's length (SEC 1, 4.1.3).
    const from = octets > width ? octets - size : 0;
    for (const source of sourcesOf(numbers, octets)) {
      const { set, reading } = source;
      for (const i of indicesIn(source)) {
        digests.add(WORD_AT[reading](set.at(i), from));
        if (octets === width)
          sign({ value: toNumber(set.at(i), reading), places: [set.offset(i), set.last(i)] });
      }
    }
  }
  return { signatures, left, digests };
}
