import type { Warning } from '../base/runtime/warnings.js';
import type { Unread } from '../model/report.js';
import type { Input } from './input.js';
import { warnings } from './warnings.js';

/** What a decoder found out beside the content. */
export interface Account {
  /** Bytes of content handed out so far, kept by the decoder's caller. */
  decoded: number;
  /** The content's own name, as the container has it (gzip FNAME); not yet checked. */
  name?: Uint8Array;
  mtime?: Date;
  /** In content offsets. */
  unread: Unread[];
  warnings: Warning[];
}

/** Memory in which content may be decoded where it is to stay. */
export interface Lender {
  /** Memory for what comes next, at least one byte: waits for it with this whole thread. */
  lend(): Uint8Array;
  /** So many bytes of it hold content now, which is handed out next. */
  fill(count: number): void;
}

/**
 * Turns a container's stored bytes into its content, in order. Trouble with the data goes to the account, never up. With a `lender` the content may
 * lie in lent memory.
 */
export type Decoder = (input: Input, account: Account, lender?: Lender) => AsyncGenerator<Uint8Array>;

export function newAccount(): Account {
  return { decoded: 0, unread: [], warnings: [] };
}

/** Content but for its first `count` bytes, which were handed out before. */
export async function* withoutFirst(
  content: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let skip = count;
  for await (const chunk of content) {
    const fresh = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - fresh.length;
    if (fresh.length > 0) yield fresh;
  }
}

/** Content that the scan will not see, from here to an unknown end. */
export function lose(account: Account, warning: Warning): void {
  account.unread.push({ offset: account.decoded, length: null, reason: warning.message });
  account.warnings.push(warning);
}

/** Content that was decoded but is not what was stored, by its checksum or its stated length. */
export function doubt(account: Account, start: number, warning: Warning): void {
  account.unread.push({ offset: start, length: account.decoded - start, reason: warning.message });
  account.warnings.push(warning);
}

const TRUNCATED =
  'the file was cut short: get a whole copy; what could be decoded before the cut was searched';
const CORRUPT = 'the file is damaged: get a good copy; what could be decoded before the damage was searched';

export const truncated = (codec: string, offset: number): Warning =>
  warnings.of('container-truncated', {
    message: `the ${codec} data ends early, at offset ${offset} of the container`,
    hint: TRUNCATED,
    offset,
  });

export const corrupt = (codec: string, offset: number): Warning =>
  warnings.of('container-corrupt', {
    message: `the ${codec} data cannot be decoded from about offset ${offset} of the container on`,
    hint: CORRUPT,
    offset,
  });

export const mismatch = (codec: string, what: string, offset: number): Warning =>
  warnings.of('container-checksum', {
    message: `the ${what} of the ${codec} data that starts at offset ${offset} of the container does not match`,
    hint: 'the content may differ from what was stored: get a good copy',
    offset,
  });

const BLOCK = 64 * 1024;

/**
 * Reports what follows the last frame; padding with zeros (tapes, block devices) holds nothing.
 * The bytes are swept with the container's own, but whatever they encode is not.
 */
export function trailing(codec: string, input: Input, account: Account): void {
  const start = input.offset;
  let zero = true;
  for (let part = input.peek(BLOCK); part.length > 0; part = input.peek(BLOCK)) {
    zero &&= part.every((byte) => byte === 0);
    if (!zero) break;
    input.skip(part.length);
  }
  if (zero) return;
  lose(
    account,
    warnings.of('container-trailing-data', {
      message: `what follows the ${codec} data, from offset ${start} of the container on, is not ${codec}`,
      hint: 'those bytes were searched as they are, not decoded: cut them off and scan them on their own',
      offset: start,
    }),
  );
}
