import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import { HEAD } from '../decoding/container.js';
import { LITERAL_BITS, LzmaKernel } from './lzma-kernel.js';

/** Bytes of the header. */
export const HEADER = 13;
/** The length of content up to an end marker. */
export const UNKNOWN = 2n ** 64n - 1n;
/** The properties that all programs choose by default: lc 3, lp 0, pb 2. */
const DEFAULT = 0x5d;
/** Number of all properties: 9 values of lc, 5 of lp, 5 of pb. */
const PROPERTIES = 9 * 5 * 5;
/** Bytes of content, at most, that tell whether other properties are some. */
const TRIAL = 16 * 1024;
/** Bytes from which on a whole file that ends early is no accident. */
const SURE = 64;

/**
 * .lzma has no magic: properties, a dictionary of 2^n or 3 * 2^n bytes, a length or -1, and a zero (LZMA SDK,
 * lzma-file-format.txt). Without the default properties or -1, the data must be random, or be decoded as far
 * as the head has it.
 */
export function isLzma(head: FieldReader): boolean {
  if (head.length <= HEADER || head.u8(HEADER) !== 0) return false;
  const dictionary = head.u32(1);
  const top = dictionary / 2 ** Math.max(0, 31 - Math.clz32(dictionary));
  if (dictionary < 4096 || (top !== 1 && top !== 1.5)) return false;
  const length = head.u64(5);
  if (length !== UNKNOWN && (length >= 2n ** 38n || length === 0n)) return false;
  if (head.u8(0) === DEFAULT || length === UNKNOWN || isRandom(head)) return true;
  return head.u8(0) < PROPERTIES && canBeDecoded(head, Number(length));
}

/** Random bytes have at least this many different values, but for one file in a million. */
const RANDOM = { bytes: 512, different: 190 };

/** True if data is random: compressed, then, whatever its properties are. */
function isRandom(head: FieldReader): boolean {
  if (head.length < HEADER + RANDOM.bytes) return false;
  return new Set(head.slice(HEADER, RANDOM.bytes)).size >= RANDOM.different;
}

/** Decodes data until it fails, ends, or is no accident. Zeros decode to zeros without end, and are none. */
function canBeDecoded(head: FieldReader, length: number): boolean {
  const bytes = head.slice(HEADER, head.length - HEADER);
  if (bytes.length < 5 || bytes.subarray(1, 5).every((byte) => byte === 0)) return false;
  const kernel = new LzmaKernel();
  kernel.setProperties(head.u8(0), LITERAL_BITS.lzma);
  kernel.resetWindow(head.u32(1));
  kernel.begin(bytes);
  const rest = bytes.subarray(5);
  const room = Math.min(TRIAL, length);
  const isAll = head.length < HEAD;
  const { stop, used } = kernel.decode(rest, room, isAll);
  if (stop === 'input' || used > rest.length) return !isAll || head.length >= SURE;
  if (stop !== 'full' || room !== length) return stop === 'full' || (stop === 'end' && kernel.isFinished);
  // An end marker may follow content of a known length.
  return kernel.isFinished || kernel.decode(rest.subarray(used), 1, true).stop === 'end';
}
