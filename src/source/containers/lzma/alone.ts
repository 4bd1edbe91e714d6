import { corrupt, type DecodeReport, reportLost, trailing, truncated } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { HEADER, UNKNOWN } from './lzma-header.js';
import { LITERAL_BITS, LzmaKernel } from './lzma-kernel.js';
import { unlzma1 } from './lzma1.js';

/** Decodes .lzma, which has one stream and no checksum. */
export async function* unlzma(input: DecoderInput, report: DecodeReport): AsyncGenerator<Uint8Array> {
  report.hasOnlyContent = true;
  const head = Buffer.from(input.peek(HEADER));
  if (head.length < HEADER) return reportLost(report, truncated('lzma', 0));
  input.skip(HEADER);
  const kernel = new LzmaKernel();
  if (!kernel.setProperties(head.readUInt8(0), LITERAL_BITS.lzma))
    return reportLost(report, corrupt('lzma', 0));
  const dictionary = head.readUInt32LE(1);
  const length = head.readBigUInt64LE(5);
  const known = length === UNKNOWN ? undefined : Number(length);
  const fault = yield* unlzma1('lzma', input, report, kernel, { dictionary, length: known });
  if (fault !== undefined) return reportLost(report, fault);
  trailing('lzma', input, report);
}
