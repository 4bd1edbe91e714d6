import type { Storage } from '../base/bytes/storage.js';
import { type Account, type Decoder, type Lender, lose } from './decoder.js';
import { failureWarning } from './failures.js';
import { Input } from './input.js';
import { warnings } from './warnings.js';

/** Stored bytes of a container, and how much of its content is taken. */
export interface Packed {
  /** As shown. */
  path: string;
  storage: Storage;
  /** Bytes of content. */
  limit: number;
}

/** Where content goes. `length` counts what has arrived there, also after a failed write. */
export interface Sink {
  readonly length: number;
  /** `passed`: bytes of the container that its decoder has gone through. */
  write(chunk: Uint8Array, passed?: number): Promise<void> | void;
  /** Its own memory, for decoders that can use it: {@link write} copies nothing that lies there. */
  readonly lender?: Lender;
}

/** Decodes a container into a sink. Trouble goes to the account; only an abort is thrown. */
export async function decodeToSink(
  { path, storage, limit }: Packed,
  decode: Decoder,
  account: Account,
  sink: Sink,
  signal?: AbortSignal,
): Promise<void> {
  const input = new Input(storage);
  const chunks = decode(input, account, sink.lender);
  try {
    // The next chunk is decoded (in another thread, where zlib does it) while this one is written.
    for (let next = await chunks.next(); !next.done; ) {
      signal?.throwIfAborted();
      const room = limit - account.decoded;
      const chunk = next.value.subarray(0, room);
      const cut = chunk.length < next.value.length;
      account.decoded += chunk.length;
      const [following] = await Promise.all([
        cut ? undefined : chunks.next(),
        chunk.length > 0 ? sink.write(chunk, input.offset) : undefined,
      ]);
      if (following !== undefined) next = following;
      if (!cut) continue;
      lose(
        account,
        warnings.of('container-expands-too-far', {
          message: `the content of ${path} is longer than ${limit} bytes: decoding stopped there`,
          hint: 'a decompression bomb, or very much of one byte: decode it outside and pipe it: … | dumpsieve scan -',
        }),
      );
      break;
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    account.decoded = sink.length;
    lose(account, failureWarning(path, error));
  } finally {
    await chunks.return(undefined);
  }
}
