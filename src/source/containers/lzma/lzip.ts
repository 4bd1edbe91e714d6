import { crc32 } from 'node:zlib';
import {
  corrupt,
  type DecodeReport,
  mismatch,
  reportDoubtful,
  reportLost,
  trailing,
  truncated,
} from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { YieldPoints } from '../decoding/yield-points.js';
import { LzmaKernel } from './lzma-kernel.js';
import { unlzma1 } from './lzma1.js';

/** lzip manual, "File format": "LZIP", version 1, dictionary size. */
const MAGIC = Buffer.from('LZIP\x01', 'latin1');
const HEADER = 6;
/** CRC-32, content size, member size. */
const TRAILER = 20;
/** lc 3, lp 0, pb 2. */
const PROPERTIES = 93;

/** Decodes any number of members. */
export async function* unlzip(input: DecoderInput, report: DecodeReport): AsyncGenerator<Uint8Array> {
  const kernel = new LzmaKernel();
  const yieldPoints = new YieldPoints();
  report.hasOnlyContent = true;
  for (let start = 0; ; start = input.offset) {
    const head = Buffer.from(input.peek(HEADER));
    if (head.length === 0 && start > 0) return;
    if (!MAGIC.subarray(0, head.length).equals(head.subarray(0, MAGIC.length)))
      return start === 0 ? reportLost(report, corrupt('lzip', 0)) : trailing('lzip', input, report);
    if (head.length < HEADER) return reportLost(report, truncated('lzip', start));
    input.skip(HEADER);
    const code = head.readUInt8(5);
    const base = 2 ** (code & 31);
    const dictionary = base - (base / 16) * (code >> 5);
    if (dictionary < 4096 || dictionary > 2 ** 29) return reportLost(report, corrupt('lzip', start));
    const first = report.decoded;
    let sum = 0;
    kernel.setProperties(PROPERTIES);
    const content = unlzma1('lzip', input, report, kernel, { dictionary, length: undefined });
    let next = await content.next();
    for (; !next.done; next = await content.next()) {
      sum = crc32(next.value, sum);
      yield next.value;
    }
    if (next.value !== undefined) return reportLost(report, next.value);
    const tail = Buffer.from(input.peek(TRAILER));
    if (tail.length < TRAILER) return reportLost(report, truncated('lzip', input.offset));
    input.skip(TRAILER);
    const isRight =
      tail.readUInt32LE(0) === sum &&
      tail.readBigUInt64LE(4) === BigInt(report.decoded - first) &&
      tail.readBigUInt64LE(12) === BigInt(input.offset - start);
    if (!isRight) reportDoubtful(report, first, mismatch('lzip', 'CRC-32 or length', start));
    yield* yieldPoints.next(input);
  }
}
