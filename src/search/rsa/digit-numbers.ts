import { padded, toBytes } from '../../base/bytes/integers.js';
import { DIGIT_FORMS, type DigitForm } from '../core/digit-forms.js';
import { bitLength, toNumber } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Budget } from '../core/skipped-work.js';
import type { RsaText } from './rsa-texts.js';

/** Digits before a number that a stretch of them may have: a length, the half of a header. */
const MOST_BEFORE = 2;
/** Bits that an exponent has less than its modulus: more, one in a million. */
const MOST_LESS = 20;
/** Bytes of a stretch that are read. */
const MOST_BYTES = 8192;
/** Numbers of one size that are kept, by the search's budget and without one: a program has a few dozen. */
const MOST = { usual: 512, most: 1 << 16 };

/** Told of numbers that there was no room for. */
type Leave = (offset: number, length: number) => void;

/** Numbers of so many words that stand in digits at the beginning of a stretch, as octets: what may be an exponent of a known modulus, whose last digits are as any others. */
export function digitNumbers(
  stretches: RunList,
  bytes: RunBytes,
  sizes: ReadonlySet<number>,
  budget: Budget,
  leave: Leave,
): RsaText[] {
  const kept = new Map<number, number>();
  const found: RsaText[] = [];
  const least = Math.min(...sizes);
  const most = Math.min(budget(MOST.usual), MOST.most);
  for (const { offset, words } of stretches.ofWords(least)) {
    const stretch = bytes.read(offset, Math.min(words * 8, MOST_BYTES));
    for (const form of DIGIT_FORMS)
      for (const number of numbersOf(form, stretch, sizes)) {
        const { octets, length } = number;
        const before = kept.get(octets.length) ?? 0;
        if (before === most) leave(offset + number.offset, length);
        else {
          kept.set(octets.length, before + 1);
          found.push({ ...number, offset: offset + number.offset });
        }
      }
  }
  return found;
}

function* numbersOf(form: DigitForm, stretch: Buffer, sizes: ReadonlySet<number>): Generator<RsaText> {
  const { stride, bits, reading, read } = form;
  let count = 0;
  while ((count + 1) * stride <= stretch.length && read(stretch, count * stride) !== undefined) count++;
  const digitAt = (index: number) =>
    toNumber(stretch.subarray(index * stride, (index + 1) * stride), reading);
  for (let start = 0; start <= MOST_BEFORE && start < count; start++) {
    // Most end here, or by their highest digit: all others are read for few.
    if ((digitAt(start) & 1n) === 0n) continue;
    for (const words of sizes) {
      const most = Math.ceil((words * 64) / bits);
      const fits = (length: number) => length <= words * 64 && length >= words * 64 - MOST_LESS;
      // The last digit may be none of the number's, or not be needed.
      for (const digits of [most, most - 1]) {
        if (start + digits > count) continue;
        if (!fits((digits - 1) * bits + bitLength(digitAt(start + digits - 1)))) continue;
        const [offset, length] = [start * stride, digits * stride];
        const value = toNumber(stretch.subarray(offset, offset + length), reading);
        if (!fits(bitLength(value))) continue;
        const octets = Buffer.from(padded(toBytes(value), words * 8));
        yield { octets, offset, length, reading };
        break;
      }
    }
  }
}
