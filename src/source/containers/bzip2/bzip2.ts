import type { Warning } from '../../../core/base/runtime/warnings.js';
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
import { Bzip2Kernel } from './bzip2-kernel.js';

/** "BZh" and the level, a digit from 1 to 9. */
const MAGIC = 0x425a68;
const DIGIT = 0x30;
/** Magic numbers of a block and of a stream's end, in halves of 24 bits. */
const BLOCK = [0x314159, 0x265359];
const END = [0x177245, 0x385090];
/** Bytes of a block for each level. */
const LEVEL = 100_000;

interface Context {
  input: DecoderInput;
  report: DecodeReport;
  kernel: Bzip2Kernel;
  yieldPoints: YieldPoints;
}

/** Decodes any number of streams. */
export async function* unbzip2(input: DecoderInput, report: DecodeReport): AsyncGenerator<Uint8Array> {
  const kernel = new Bzip2Kernel(input);
  const context = { input, report, kernel, yieldPoints: new YieldPoints() };
  report.hasOnlyContent = true;
  for (let first = true; ; first = false) {
    kernel.fill();
    const start = kernel.offset;
    const [magic, level] = [kernel.bits(24), kernel.bits(8) - DIGIT];
    const isStream = magic === MAGIC && level >= 1 && level <= 9;
    // What is no stream, or only zeros, or nothing.
    if (!first && (kernel.isCut || !isStream)) return trailing('bzip2', input.rewound(start), report);
    if (kernel.isCut) return reportLost(report, truncated('bzip2', kernel.offset));
    if (!isStream) return reportLost(report, corrupt('bzip2', start));
    const fault = yield* stream(context, level * LEVEL, start);
    if (fault !== undefined) return reportLost(report, fault);
    kernel.align();
  }
}

const equals = (read: readonly number[], magic: readonly number[]): boolean =>
  read.every((half, i) => half === magic[i]);

/** Decodes the blocks of a stream; returns what ended it early. */
async function* stream(
  { report, kernel, yieldPoints }: Context,
  most: number,
  start: number,
): AsyncGenerator<Uint8Array, Warning | undefined> {
  const first = report.decoded;
  let combined = 0;
  for (;;) {
    kernel.fill();
    const at = kernel.offset;
    const magic = [kernel.bits(24), kernel.bits(24)];
    const stored = kernel.bits(32);
    if (kernel.isCut) return truncated('bzip2', at);
    if (equals(magic, END)) {
      if (stored !== combined) reportDoubtful(report, first, mismatch('bzip2', 'checksum', start));
      return undefined;
    }
    if (!equals(magic, BLOCK)) return corrupt('bzip2', at);
    const outcome = kernel.readBlock(most);
    if (outcome !== 'done') return (outcome === 'cut' ? truncated : corrupt)('bzip2', at);
    const begin = report.decoded;
    for (const content of kernel.content()) {
      yield content;
      yield* yieldPoints.next(kernel, report.decoded);
    }
    const sum = kernel.checksum();
    combined = (((combined << 1) | (combined >>> 31)) ^ sum) >>> 0;
    if (sum !== stored) reportDoubtful(report, begin, mismatch('bzip2', 'block checksum', at));
  }
}
