import { padded, toBytes } from '../../core/base/bytes/integers.js';
import { DIGIT_FORMS, type DigitForm } from '../core/digit-forms.js';
import { bitLength, toNumber } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Scale } from '../core/skipped-work.js';
import type { RsaText } from './rsa-request.js';

/** Digit-like values that can precede a number in a sequence: a length, half of a header. */
const MAX_LEADING_DIGITS = 2;
/** Bits by which an exponent is shorter than its modulus; more in one key of a million. */
const MAX_MISSING_BITS = 20;
/** Bytes of a sequence that are read. */
const MAX_BYTES = 8192;
/** Numbers of one size: the usual budget (a program has a few dozen), and the bound without a budget. */
const MAX_NUMBERS = { usual: 512, most: 1 << 16 };

/** Receives numbers dropped for lack of space. */
type ReportDropped = (offset: number, length: number) => void;

/**
 * Numbers of certain sizes in words at the beginning of sequences of digits, as octets.
 * They may be exponents of a known modulus; exponents, unlike primes, are not filtered by arithmetic.
 */
export function digitNumbers(
  sequences: RunList,
  bytes: RunBytes,
  sizes: ReadonlySet<number>,
  budget: Scale,
  reportDropped: ReportDropped,
): RsaText[] {
  const kept = new Map<number, number>();
  const found: RsaText[] = [];
  const most = Math.min(budget(MAX_NUMBERS.usual), MAX_NUMBERS.most);
  for (const { offset, words } of sequences.ofWords(Math.min(...sizes))) {
    const sequence = bytes.read(offset, Math.min(words * 8, MAX_BYTES));
    for (const form of DIGIT_FORMS)
      for (const number of numbersOf(form, sequence, sizes)) {
        const { octets, length } = number;
        const count = kept.get(octets.length) ?? 0;
        if (count === most) reportDropped(offset + number.offset, length);
        else {
          kept.set(octets.length, count + 1);
          found.push({ ...number, offset: offset + number.offset });
        }
      }
  }
  return found;
}

function* numbersOf(form: DigitForm, sequence: Buffer, sizes: ReadonlySet<number>): Generator<RsaText> {
  const { cell, bits, name: reading, digitAt: digitIn } = form;
  let count = 0;
  while ((count + 1) * cell <= sequence.length && digitIn(sequence, count * cell) !== undefined) count++;
  const digitAt = (index: number) => toNumber(sequence.subarray(index * cell, (index + 1) * cell), reading);
  for (let start = 0; start <= MAX_LEADING_DIGITS && start < count; start++) {
    // The lowest and the highest digit reject most candidates before the rest is read.
    if ((digitAt(start) & 1n) === 0n) continue;
    for (const words of sizes) {
      const most = Math.ceil((words * 64) / bits);
      const fits = (length: number) => length <= words * 64 && length >= words * 64 - MAX_MISSING_BITS;
      // A number short of its highest digit, or followed by an unrelated one.
      for (const digits of [most, most - 1]) {
        if (start + digits > count) continue;
        if (!fits((digits - 1) * bits + bitLength(digitAt(start + digits - 1)))) continue;
        const [offset, length] = [start * cell, digits * cell];
        const value = toNumber(sequence.subarray(offset, offset + length), reading);
        if (!fits(bitLength(value))) continue;
        const octets = Buffer.from(padded(toBytes(value), words * 8));
        yield { octets, offset, length, reading };
        break;
      }
    }
  }
}
