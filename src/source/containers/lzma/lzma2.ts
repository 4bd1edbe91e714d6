import type { Warning } from '../../../core/base/runtime/warnings.js';
import { corrupt, truncated } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import type { LzmaKernel } from './lzma-kernel.js';
import { tooFar } from './lzma1.js';

/** What the chunks until now require of the next one. */
interface Needs {
  dictionary: boolean;
  properties: boolean;
}

interface Chunk {
  /** Bytes of its header. */
  header: number;
  /** Bytes of data. */
  data: number;
  /** Bytes of content. */
  content: number;
}

/**
 * Decodes LZMA2 chunks up to and with the end marker; yields the content of each. Returns what ended it
 * early. The control bytes are described in the source of XZ Embedded only (xz_dec_lzma2.c).
 */
export function* unlzma2(
  codec: string,
  input: DecoderInput,
  kernel: LzmaKernel,
  dictionary: number,
): Generator<Uint8Array, Warning | undefined> {
  const needs: Needs = { dictionary: true, properties: true };
  for (;;) {
    const at = input.offset;
    const head = Uint8Array.from(input.peek(6));
    const control = head[0];
    if (control === undefined) return truncated(codec, at);
    if (control === 0) {
      input.skip(1);
      return undefined;
    }
    if (control > 2 && control < 0x80) return corrupt(codec, at);
    const isPacked = control >= 0x80;
    const length = !isPacked ? 3 : control >= 0xc0 ? 6 : 5;
    if (head.length < length) return truncated(codec, at);
    const chunk = begin(head, needs, kernel, dictionary);
    if (chunk === undefined) return corrupt(codec, at);
    input.skip(chunk.header);
    const fault = isPacked
      ? packed(codec, input, kernel, chunk, dictionary)
      : stored(codec, input, kernel, chunk);
    const content = kernel.take();
    if (content.length > 0) yield content;
    if (fault !== undefined) return fault;
  }
}

/** Reads a chunk's header and does the resets that it states. Undefined if it is invalid. */
function begin(head: Uint8Array, needs: Needs, kernel: LzmaKernel, dictionary: number): Chunk | undefined {
  const [control = 0, a = 0, b = 0, c = 0, d = 0, properties = 0] = head;
  const isPacked = control >= 0x80;
  if (control === 1 || control >= 0xe0) {
    kernel.resetWindow(dictionary);
    needs.dictionary = false;
    needs.properties = true;
  }
  if (needs.dictionary) return undefined;
  if (!isPacked) {
    const count = a * 256 + b + 1;
    return { header: 3, data: count, content: count };
  }
  if (control >= 0xc0) {
    if (!kernel.setProperties(properties)) return undefined;
    needs.properties = false;
  } else if (needs.properties) return undefined;
  else if (control >= 0xa0) kernel.resetState();
  return {
    header: control >= 0xc0 ? 6 : 5,
    data: c * 256 + d + 1,
    content: (control & 0x1f) * 65_536 + a * 256 + b + 1,
  };
}

function stored(
  codec: string,
  input: DecoderInput,
  kernel: LzmaKernel,
  { data }: Chunk,
): Warning | undefined {
  const bytes = input.peek(data);
  kernel.append(bytes);
  input.skip(bytes.length);
  return bytes.length < data ? truncated(codec, input.offset) : undefined;
}

function packed(
  codec: string,
  input: DecoderInput,
  kernel: LzmaKernel,
  { data, content }: Chunk,
  dictionary: number,
): Warning | undefined {
  const at = input.offset;
  const bytes = input.peek(data);
  const isCut = bytes.length < data;
  if (bytes.length < 5) return (isCut ? truncated : corrupt)(codec, at);
  if (!kernel.begin(bytes)) return corrupt(codec, at);
  const { stop, used } = kernel.decode(bytes.subarray(5), content, true);
  input.skip(bytes.length);
  if (stop === 'far') return tooFar(codec, kernel, at, dictionary) ?? corrupt(codec, at);
  if (isCut) return truncated(codec, input.offset);
  const isWhole = stop === 'full' && used === data - 5 && kernel.isFinished;
  return isWhole ? undefined : corrupt(codec, at);
}
