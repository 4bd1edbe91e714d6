import { bufferReader, openStorage } from '../core/base/bytes/storage.js';
import { recognise } from './containers/containers.js';
import type { Container } from './containers/decoding/container.js';
import { type ContainerDecoder, newDecodeReport } from './containers/decoding/decoder.js';
import { DecoderInput } from './containers/decoding/input.js';
import { named } from './content-names.js';
import type { Selected } from './selection.js';
import type { SourceContext, StoredBytes } from './stored-bytes.js';

/** Bytes of content that recognise its format. */
const HEAD = 64 * 1024;

/** The first bytes of content: at least HEAD, or all that can be decoded. */
export async function headOf(
  chunks: AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const head: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      head.push(chunk);
      length += chunk.length;
      if (length >= HEAD || signal?.aborted) break;
    }
  } catch {
    // Decoding the whole content reports the error.
  }
  return Buffer.concat(head);
}

/**
 * How much of stored bytes is selected. What is not included itself is opened if it is an archive, also
 * within compressed data, or if the name of its content is included. An abort is thrown.
 */
export async function selectedOf(
  stored: StoredBytes,
  { selection, signal }: SourceContext,
): Promise<Selected | 'none' | undefined> {
  const { selected, path, storage } = stored;
  if (selected === undefined || selected.itself) return selected;
  let container: Container | undefined;
  try {
    container = recognise(openStorage(storage));
  } catch {
    // Opening it reports the error.
    return selected;
  }
  if (container === undefined) return 'none';
  if (!('decode' in container.treatment)) return selected;
  const report = newDecodeReport();
  const head = await headOf(container.treatment.decode(new DecoderInput(storage), report), signal);
  // What was not decoded to its head is not left out, but not opened.
  signal?.throwIfAborted();
  const name = named(stored, report).path.slice(path.length + 1);
  const content = selection?.choose(name, selected.leftOut);
  if (content?.itself) return content;
  return recognise(bufferReader(head)) === undefined ? 'none' : selected;
}

/** True for a member, before it is decoded, that is not included and no archive. An abort is thrown. */
export async function isLeftOut(
  { selected, storage }: StoredBytes,
  decode: ContainerDecoder,
  { signal }: SourceContext,
): Promise<boolean> {
  if (selected?.itself !== false) return false;
  const head = await headOf(decode(new DecoderInput(storage), newDecodeReport()), signal);
  signal?.throwIfAborted();
  return recognise(bufferReader(head)) === undefined;
}
