import { unlessCut } from '../decoding/decoder.js';
import type { Input } from '../decoding/input.js';
import type { Lz4Kernel } from './lz4-kernel.js';

/** Frame Descriptor (lz4_Frame_format.md). */
export interface FrameHeader {
  /** Bytes, magic included. */
  length: number;
  linked: boolean;
  blockChecksum: boolean;
  contentChecksum: boolean;
  contentSize: number | undefined;
  dictionary: number | undefined;
  /** Bytes of content that a block may have. */
  block: number;
}

/** Longest header in bytes. */
const LONGEST = 19;

/** Reads a header; undefined if it is invalid, 'cut' if the input ends within it. */
export function readFrameHeader(input: Input, kernel: Lz4Kernel): FrameHeader | 'cut' | undefined {
  return unlessCut(() => {
    const fields = input.fields(LONGEST);
    const [flags, sizes] = [fields.u8(4), fields.u8(5)];
    if (flags >> 6 !== 1 || (flags & 2) !== 0 || (sizes & 0x8f) !== 0 || sizes < 0x40) return undefined;
    const hasSize = (flags & 8) !== 0;
    const hasDictionary = (flags & 1) !== 0;
    const end = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
    const sum = fields.u8(end);
    kernel.begin(LONGEST, false);
    kernel.expect(LONGEST);
    kernel.add(fields.slice(4, end - 4));
    if (((kernel.inputHash() >>> 8) & 0xff) !== sum) return undefined;
    return {
      length: end + 1,
      linked: (flags & 0x20) === 0,
      blockChecksum: (flags & 0x10) !== 0,
      contentChecksum: (flags & 4) !== 0,
      contentSize: hasSize ? Number(fields.u64(6)) : undefined,
      dictionary: hasDictionary ? fields.u32(end - 4) : undefined,
      block: 2 ** (8 + 2 * (sizes >> 4)),
    };
  });
}
