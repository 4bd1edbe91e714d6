import type { Warning } from '../../../core/base/runtime/warnings.js';
import { corrupt, type DecodeReport, truncated, warnings } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { YieldPoints } from '../decoding/yield-points.js';
import { INPUT, type LzmaKernel } from './lzma-kernel.js';

/** Bytes of output of one call. */
const ROOM = 1024 * 1024;

interface Stream {
  /** Bytes. */
  dictionary: number;
  /** Bytes of content; undefined: up to an end marker. */
  length: number | undefined;
}

/** Decodes an LZMA stream whose properties are set. Returns what ended it early. */
export async function* unlzma1(
  codec: string,
  input: DecoderInput,
  report: DecodeReport,
  kernel: LzmaKernel,
  { dictionary, length }: Stream,
): AsyncGenerator<Uint8Array, Warning | undefined> {
  const yieldPoints = new YieldPoints();
  const first = report.decoded;
  kernel.resetWindow(dictionary);
  const head = input.peek(5);
  if (head.length < 5) return truncated(codec, input.offset);
  if (!kernel.begin(head)) return corrupt(codec, input.offset);
  input.skip(5);
  for (;;) {
    const bytes = input.peek(INPUT);
    const whole = bytes.length < INPUT;
    const left = length === undefined ? ROOM : length - (report.decoded - first);
    const { stop, used } = kernel.decode(bytes, Math.min(ROOM, left), whole);
    const isPast = used > bytes.length;
    const at = input.offset;
    input.skip(used);
    const content = kernel.take();
    if (content.length > 0) yield content;
    if (stop === 'far') return tooFar(codec, kernel, at, dictionary) ?? corrupt(codec, at);
    if (isPast || (stop === 'input' && whole)) return truncated(codec, input.offset);
    if (stop === 'end') {
      const isWhole = kernel.isFinished && (length ?? report.decoded - first) === report.decoded - first;
      return isWhole ? undefined : corrupt(codec, input.offset);
    }
    if (report.decoded - first === length) return kernel.isFinished ? undefined : marker();
    yield* yieldPoints.next(input, report.decoded);
  }

  /** An end marker may follow content of a known length. */
  function marker(): Warning | undefined {
    const bytes = input.peek(INPUT);
    const { stop, used } = kernel.decode(bytes, 1, true);
    input.skip(used);
    if (used > bytes.length || stop === 'input') return truncated(codec, input.offset);
    return stop === 'end' && kernel.isFinished ? undefined : corrupt(codec, input.offset);
  }
}

/**
 * A match further back than the history that is kept, of a stream whose dictionary is larger. Undefined if
 * the dictionary is smaller: then the data is damaged.
 */
export function tooFar(
  codec: string,
  { limit }: LzmaKernel,
  offset: number,
  dictionary: number,
): Warning | undefined {
  if (dictionary <= limit) return undefined;
  return warnings.of('container-window', {
    message:
      `the ${codec} data at offset ${offset} of the container needs a dictionary of ${dictionary} bytes, ` +
      `of which ${limit} are kept`,
    hint: `decode it outside: ${codec === 'lzip' ? 'lzip' : 'xz'} -dc FILE | dumpsieve scan -`,
    offset,
  });
}
