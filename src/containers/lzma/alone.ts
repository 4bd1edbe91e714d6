import { corrupt, type DecodeReport, reportLost, trailing, truncated } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { LzmaKernel } from './lzma-kernel.js';
import { unlzma1 } from './lzma1.js';

/** Bytes of the header (LZMA SDK, lzma-file-format.txt). */
const HEADER = 13;
const UNKNOWN = 2n ** 64n - 1n;

/** Decodes .lzma, which has one stream and no checksum. */
export async function* unlzma(input: DecoderInput, report: DecodeReport): AsyncGenerator<Uint8Array> {
  report.hasOnlyContent = true;
  const head = Buffer.from(input.peek(HEADER));
  if (head.length < HEADER) return reportLost(report, truncated('lzma', 0));
  input.skip(HEADER);
  const kernel = new LzmaKernel();
  if (!kernel.setProperties(head.readUInt8(0))) return reportLost(report, corrupt('lzma', 0));
  const dictionary = head.readUInt32LE(1);
  const length = head.readBigUInt64LE(5);
  const known = length === UNKNOWN ? undefined : Number(length);
  const fault = yield* unlzma1('lzma', input, report, kernel, { dictionary, length: known });
  if (fault !== undefined) return reportLost(report, fault);
  trailing('lzma', input, report);
}
