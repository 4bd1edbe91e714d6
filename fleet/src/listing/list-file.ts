import { createReadStream } from 'node:fs';
import { reasonOf } from '../../../src/core/base/runtime/errors.js';
import { displayName } from '../../../src/core/base/text/escape.js';
import { failure } from '../host.js';

/** Bytes of a line at most: longer than any path or URL. */
const MOST_LINE = 16 * 1024;

const LINE_FEED = 0x0a;

/** The lines of an `@list`, without comments (`#`) and empty ones; as bytes where they are not UTF-8. */
export async function* linesOf(
  file: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string | Uint8Array> {
  const shown = displayName(Buffer.from(file));
  let rest = Buffer.alloc(0);
  let number = 0;
  try {
    for await (const chunk of createReadStream(file, signal === undefined ? {} : { signal })) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
        const line = lineOf(rest.subarray(0, end), ++number === 1);
        rest = rest.subarray(end + 1);
        if (line !== undefined) yield line;
      }
      if (rest.length > MOST_LINE) throw tooLong(shown, number + 1);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && 'exit' in error) throw error;
    throw failure(
      {
        code: 'list-unreadable',
        message: `@${shown} cannot be read (${reasonOf(error)})`,
        hint: 'name a file with one path or URL a line',
      },
      3,
      error,
    );
  }
  const last = lineOf(rest, number === 0);
  if (last !== undefined) yield last;
}

const tooLong = (shown: string, line: number): Error =>
  failure({
    code: 'list-unreadable',
    message: `@${shown}: line ${line} is longer than ${MOST_LINE} bytes`,
    hint: 'a list has one path or URL a line',
  });

function lineOf(bytes: Buffer, isFirst: boolean): string | Uint8Array | undefined {
  const text = bytes.toString('latin1');
  // Lists of Windows begin with a mark and end lines with a carriage return.
  const bare = text.replace(isFirst ? /^\xef\xbb\xbf/ : '', '').replace(/\r$/, '');
  if (bare.trim() === '' || bare.startsWith('#')) return undefined;
  const line = Buffer.from(bare, 'latin1');
  const decoded = line.toString();
  return Buffer.from(decoded).equals(line) ? decoded : line;
}
