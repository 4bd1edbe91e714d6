import { bufferReader, openStorage } from '../core/base/bytes/storage.js';
import { displayName } from '../core/base/text/escape.js';
import { contentSuffixes, recognise } from './containers/containers.js';
import type { Container } from './containers/decoding/container.js';
import { type ContainerDecoder, type DecodeReport, newDecodeReport } from './containers/decoding/decoder.js';
import { DecoderInput } from './containers/decoding/input.js';
import { baseName } from './names.js';
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

/** What a container's content is called, as shown. */
interface ContentNames {
  path: string;
  /** Name of what it contains in turn, if that has none. */
  contentName: string;
}

/**
 * The content of a container at `path`. `stated`: its name in the container, if it has one; `expected`: the
 * name otherwise.
 */
function contentNames(
  path: string,
  stated: Uint8Array | undefined,
  expected: string | undefined,
): ContentNames {
  const shown = baseNameIn(stated) ?? expected ?? withoutSuffix(baseName(path));
  return { path: `${path}!${shown}`, contentName: withoutSuffix(shown) };
}

/** A member of the archive at `path`: its whole name, escaped, since it may have any bytes. */
export function memberNames(path: string, name: Uint8Array): ContentNames {
  const shown = displayName(name);
  return { path: `${path}!${shown}`, contentName: withoutSuffix(baseName(shown)) };
}

/** Name and time of a container's content. The time is at most the container's, whatever its header says. */
export function named(
  { path, mtime, contentName }: StoredBytes,
  { name, mtime: stated }: DecodeReport,
): Pick<StoredBytes, 'path' | 'contentName' | 'mtime'> {
  return { ...contentNames(path, name, contentName), mtime: earlier(mtime, stated) };
}

/** The time that a container states for its content, unless that is later than its own. */
export const earlier = (own: Date | undefined, stated = own): Date | undefined =>
  own && stated && stated > own ? own : stated;

/** The name in a gzip header, unless it is a path or empty, which would mislead. */
function baseNameIn(name: Uint8Array | undefined): string | undefined {
  if (name === undefined || name.length === 0 || name.length > 255) return undefined;
  const shown = displayName(name);
  return /^\.{1,2}$|[/\\]/.test(Buffer.from(name).toString('latin1')) ? undefined : shown;
}

/** `core.zst` contains `core`, `dump.tgz` contains `dump.tar`. */
function withoutSuffix(name: string): string {
  const dot = name.lastIndexOf('.');
  const instead = dot > 0 ? contentSuffixes.get(name.slice(dot).toLowerCase()) : undefined;
  return instead === undefined ? name : name.slice(0, dot) + instead;
}
