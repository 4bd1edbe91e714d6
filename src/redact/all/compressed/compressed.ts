import { setImmediate as turn } from 'node:timers/promises';
import type { Reader } from '../../../base/bytes/storage.js';
import type { Fill } from '../../core/fill.js';
import { type Inflated, inflate } from './inflate.js';
import { HEADERS } from './stream-headers.js';

/** Bytes read at once, and those that a stream may be long. */
const CHUNK = 2 ** 22;
const MAX_STREAM = 2 ** 22;
/** Decoded bytes of one stream that are looked at, and of all of them for each byte of the file. */
const MAX_DECODED = 2 ** 24;
const DECODED_EACH = 16;
const LEAST_BUDGET = 2 ** 26;
/** What a stream that begins by chance decodes to. */
const SHORTEST = 16;
/** `H4sI`: the first three bytes of gzip as base64. */
const GZIP_BASE64 = Buffer.from('H4sI', 'latin1');

/** First bytes of streams. */
const mayBegin = new Uint8Array(256);
for (const byte of [...Object.keys(HEADERS), GZIP_BASE64[0]!]) mayBegin[Number(byte)] = 1;

const isBase64 = new Uint8Array(256);
for (const character of Buffer.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n',
  'latin1',
))
  isBase64[character] = 1;

/** Budget of decoding: of a hostile file each byte may begin a stream. */
class Budget {
  #left: number;

  constructor(length: number) {
    this.#left = Math.max(LEAST_BUDGET, DECODED_EACH * length);
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  inflate(bytes: Uint8Array, data: number): Inflated {
    const inflated = inflate(bytes, data, Math.min(MAX_DECODED, Math.max(0, this.#left)));
    this.#left -= inflated.bytes.length + inflated.used;
    return inflated;
  }
}

export interface CompressedSetup {
  /** True if decoded bytes hold a finding. */
  isSecret: (bytes: Uint8Array) => boolean;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
}

/**
 * Compressed streams in memory (gzip, zlib, ZIP; base64 of gzip) whose content holds a finding: as much of
 * each as can be decoded. A stream ends where its memory does in the file.
 */
export async function* compressedFills(
  reader: Reader,
  { isSecret, onLimit }: CompressedSetup,
): AsyncGenerator<Fill> {
  const budget = new Budget(reader.length);
  const chunk = new Uint8Array(CHUNK + MAX_STREAM);
  let after = 0;
  for (let from = 0; from < reader.length; from += CHUNK) {
    const bytes = chunk.subarray(0, reader.read(from, chunk));
    const end = Math.min(CHUNK, bytes.length);
    for (let at = Math.max(0, after - from); at < end; at++) {
      if (mayBegin[bytes[at]!] === 0) continue;
      const length = streamLength(bytes, at, budget, isSecret);
      if (budget.isSpent) return onLimit?.();
      if (length === 0) continue;
      yield { offset: from + at, length, cause: 'compressed stream' };
      at += length - 1;
      after = from + at + 1;
    }
    await turn();
  }
}

/** Length of the stream with a finding that begins at an index; 0 if there is none. */
function streamLength(
  bytes: Uint8Array,
  at: number,
  budget: Budget,
  isSecret: CompressedSetup['isSecret'],
): number {
  const byte = bytes[at]!;
  if (byte === GZIP_BASE64[0]) return base64Length(bytes, at, budget, isSecret);
  const data = HEADERS[byte]?.(bytes, at) ?? -1;
  if (data < 0) return 0;
  const { bytes: decoded, used, complete } = budget.inflate(bytes, data);
  if (decoded.length < SHORTEST || !isSecret(decoded)) return 0;
  // With the check of the content, which tells a guess from another.
  return Math.min(bytes.length - at, data - at + used + (complete ? TRAILER : 0));
}

/** CRC-32 and length of gzip. */
const TRAILER = 8;

function base64Length(
  bytes: Uint8Array,
  at: number,
  budget: Budget,
  isSecret: CompressedSetup['isSecret'],
): number {
  for (let index = 1; index < GZIP_BASE64.length; index++)
    if (bytes[at + index] !== GZIP_BASE64[index]) return 0;
  let end = at;
  while (end < bytes.length && isBase64[bytes[end]!] === 1) end++;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at);
  const decoded = Buffer.from(text.toString('latin1'), 'base64');
  const data = HEADERS[0x1f]!(decoded, 0);
  if (data < 0) return 0;
  const inflated = budget.inflate(decoded, data);
  return inflated.bytes.length >= SHORTEST && isSecret(inflated.bytes) ? end - at : 0;
}
